import type { RowWriter } from '../../row-writer.ts';
import { attributesNotKept, carryOver } from '../detector/carry-over.ts';
import { decodeDetector, firstExpiry, writeDetector } from '../detector/codec.ts';
import { createDetector } from '../detector/detector.ts';
import { advance, step } from '../detector/step.ts';
import type { MutableDetector, StepContext, Trigger } from '../detector/types.ts';
import { updateDetector } from '../detector/update.ts';
import { namedVariables } from '../detector/variables.ts';
import { renderJson } from '../expression/json.ts';
import type { CompiledModel } from '../model/compiled.ts';
import type { DetectorCommand } from './commands.ts';
import { placedAt } from './instance-key.ts';
import type { DecodeResult, Kind, Reaction } from './kind.ts';
import type { EvaluatedDetector, RunningDetectorModel } from './running.ts';
import type { DetectorView } from './views.ts';

const DETECTORS: Kind = {
  evaluate(
    model: RunningDetectorModel,
    keyValue: string | undefined,
    before: MutableDetector | undefined,
    trigger: Trigger,
    context: StepContext,
    keepsStates: boolean,
  ): EvaluatedDetector {
    const isNew = before === undefined;
    // Separate literals, because an object spread costs a call and this runs for every message.
    if (keepsStates) {
      const result = step(model.compiled, before, trigger, context);
      const instance = result.detector;
      const changedState = before?.state !== instance.state;
      const states = { before, after: instance };
      return { kind: 'detector', model, keyValue, trigger, isNew, changedState, instance, states, result };
    }
    const instance = before ?? createDetector(model.compiled, context);
    const result = advance(model.compiled, instance, isNew, trigger, context);
    const changedState = isNew || result.stateBefore !== instance.state;
    return {
      kind: 'detector',
      model,
      keyValue,
      trigger,
      isNew,
      changedState,
      instance,
      states: undefined,
      result,
    };
  },

  write: ({ compiled }: RunningDetectorModel, detector: MutableDetector, out: RowWriter) =>
    writeDetector(compiled, detector, out),

  decode({ compiled }: RunningDetectorModel, text: string): DecodeResult {
    const decoded = decodeDetector(compiled, text);
    return decoded.ok ? { ok: true, instance: decoded.detector } : decoded;
  },

  firstExpiry,

  stateOf: ({ compiled }: RunningDetectorModel, { state }: MutableDetector) =>
    compiled.states[state]?.name ?? '',

  view(
    { compiled }: RunningDetectorModel,
    keyValue: string | undefined,
    detector: MutableDetector,
  ): DetectorView {
    const { timers, createdBy, creationTime, lastUpdateTime } = detector;
    return {
      kind: 'detector',
      modelName: compiled.name,
      modelVersion: compiled.version,
      ...(keyValue !== undefined && { keyValue }),
      stateName: compiled.states[detector.state]?.name ?? '',
      variables: namedVariables(compiled, detector).map(([name, value]) => ({
        name,
        value: renderJson(value),
      })),
      timers: timers.map(({ name, expiresAt, status }) => ({ name, expiresAt, status })),
      createdBy,
      creationTime,
      lastUpdateTime,
    };
  },

  carryOver: (from: RunningDetectorModel, to: RunningDetectorModel, detector: MutableDetector) =>
    carryOver(from.compiled, to.compiled, detector),

  attributesNotKept: (from: RunningDetectorModel, to: RunningDetectorModel) =>
    attributesNotKept(from.compiled, to.compiled),

  react(
    { compiled }: RunningDetectorModel,
    detector: MutableDetector,
    command: DetectorCommand,
    context,
  ): Reaction {
    if (command.type === 'DeleteDetector') return { type: 'Remove' };
    const updated = updateDetector(compiled, detector, command.state, context);
    if (updated.ok) return { type: 'Replace', instance: updated.detector };
    return { type: 'Refuse', refusal: { code: 'InvalidRequestException', message: updated.message } };
  },
};

export function runDetectorModel(
  compiled: CompiledModel,
  epoch: number,
  roleArn: string,
): RunningDetectorModel {
  return { ...placedAt('detector', compiled.name, epoch), behaviour: DETECTORS, roleArn, compiled };
}
