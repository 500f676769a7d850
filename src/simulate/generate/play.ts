import { copyDetector, createDetector } from '../../core/detector/detector.ts';
import { step } from '../../core/detector/step.ts';
import type { Detector, StepContext, StepResult, Trigger } from '../../core/detector/types.ts';
import { type DetectorStateDefinition, updateDetector } from '../../core/detector/update.ts';
import type { CompiledModel } from '../../core/model/compiled.ts';
import { DEFAULT_LIMITS } from '../../limits.ts';
import { payloadOf } from '../payload.ts';
import { literalOf } from '../scenario/literal.ts';
import { KEY, type Move } from './moves.ts';

/**
 * Applies one move to a detector; `sequence` is the number of the move, from 1. Pure: the result has a new detector.
 */
export function play(
  model: CompiledModel,
  detector: Detector | undefined,
  move: Move,
  now: number,
  sequence: number,
): StepResult {
  const context: StepContext = { now, sequence, keyValue: KEY, limits: DEFAULT_LIMITS, trace: false };
  if (move.kind !== 'set') return step(model, detector, triggerOf(model, move), context);
  const before = detector === undefined ? createDetector(model, context) : copyDetector(model, detector);
  const updated = updateDetector(model, before, wantedBy(move), context);
  return {
    detector: updated.ok ? updated.detector : before,
    effects: [],
    problems: [],
    trace: undefined,
    setText: 0,
  };
}

/** The corresponding request of BatchUpdateDetector. */
export function wantedBy({ stateName, variables, timers }: Move & { kind: 'set' }): DetectorStateDefinition {
  return {
    stateName,
    variables: Object.entries(variables).map(([name, value]) => ({ name, value: literalOf(value) })),
    timers: Object.entries(timers).map(([name, seconds]) => ({ name, seconds })),
  };
}

function triggerOf(model: CompiledModel, move: Exclude<Move, { kind: 'set' }>): Trigger {
  if (move.kind === 'expiry') return { type: 'Timer', timerName: move.timerName };
  const input = model.inputs.get(move.inputName) ?? -1;
  return { type: 'Message', input, messageId: 'm', payload: payloadOf(move.payload) };
}
