import type { DetectorModelDefinition } from '../definition.ts';
import { actionTypes } from './action-types.ts';
import { expressionSyntax } from './expression-syntax.ts';
import type { AnalysisContext, Diagnostic, Finding } from './finding.ts';
import { initialState } from './initial-state.ts';
import { inputInCondition } from './input-in-condition.ts';
import { jsonPayload } from './json-payload.ts';
import { limits } from './limits.ts';
import { missingInput } from './missing-input.ts';
import { nextState } from './next-state.ts';
import { sharedStateName } from './shared-state-name.ts';
import { sitewiseReference } from './sitewise-reference.ts';
import { takeApart } from './subject.ts';
import { timerDuration } from './timer-duration.ts';
import { transitionCondition } from './transition-condition.ts';

const DIAGNOSTICS: readonly Diagnostic[] = [
  limits,
  actionTypes,
  nextState,
  sharedStateName,
  initialState,
  inputInCondition,
  timerDuration,
  transitionCondition,
  expressionSyntax,
  jsonPayload,
  sitewiseReference,
  missingInput,
];

/** Everything there is to say about a definition, in the order of the diagnostics (spec: analysis). */
export function analyse(definition: DetectorModelDefinition, context: AnalysisContext): Finding[] {
  const subject = takeApart(definition, context.limits);
  return DIAGNOSTICS.flatMap((diagnostic) => diagnostic(subject, context));
}

export type { AnalysisContext, Finding } from './finding.ts';
