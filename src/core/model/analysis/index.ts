import type { DetectorModelDefinition } from '../definition.ts';
import { finish, type Steps } from '../steps.ts';
import { actionTypes } from './action-types.ts';
import { deadEnd } from './advice/dead-end.ts';
import { misspelt } from './advice/misspelt.ts';
import { neverTrue } from './advice/never-true.ts';
import { shadowedTransition } from './advice/shadowed-transition.ts';
import { undeclaredAttribute } from './advice/undeclared-attribute.ts';
import { unread } from './advice/unread.ts';
import { conditionType } from './condition-type.ts';
import { durationType } from './duration-type.ts';
import { dynamicName } from './dynamic-name.ts';
import { expressionSyntax } from './expression-syntax.ts';
import type { AnalysisContext, Diagnostic, Finding } from './finding.ts';
import { incompatibleOperands } from './incompatible-operands.ts';
import { incompatibleUses } from './incompatible-uses.ts';
import { inferredTypes } from './inferred-types.ts';
import { initialState } from './initial-state.ts';
import { inputInCondition } from './input-in-condition.ts';
import { inputRoutes } from './input-routes.ts';
import { jsonPayload } from './json-payload.ts';
import { limits } from './limits.ts';
import { missingInput } from './missing-input.ts';
import { neverSet } from './never-set.ts';
import { nextState } from './next-state.ts';
import { payloadType } from './payload-type.ts';
import { reachability } from './reachability.ts';
import { setBeforeRead } from './set-before-read.ts';
import { sharedStateName } from './shared-state-name.ts';
import { sitewiseReference } from './sitewise-reference.ts';
import { sitewiseType } from './sitewise-type.ts';
import { takeApart, takeApartInSteps } from './subject.ts';
import { timerDuration } from './timer-duration.ts';
import { timerLoop } from './timer-loop.ts';
import { timerMinimum } from './timer-minimum.ts';
import { timerReadsInput } from './timer-reads-input.ts';
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
  timerMinimum,
  inputRoutes,
  reachability,
  timerReadsInput,
  timerLoop,
  inferredTypes,
  conditionType,
  durationType,
  incompatibleUses,
  incompatibleOperands,
  payloadType,
  sitewiseType,
  neverSet,
  setBeforeRead,
  dynamicName,
  missingInput,
];

const ADVICE: readonly Diagnostic[] = [
  deadEnd,
  unread,
  shadowedTransition,
  neverTrue,
  undeclaredAttribute,
  misspelt,
];

/** Advice beyond what the service reports. None of it prevents a model from running. */
export function advise(definition: DetectorModelDefinition, context: AnalysisContext): Finding[] {
  const subject = takeApart(definition, context.limits);
  return ADVICE.flatMap((diagnostic) => diagnostic(subject, context));
}

/** All findings about a definition, in the order of the diagnostics. */
export function analyse(definition: DetectorModelDefinition, context: AnalysisContext): Finding[] {
  return finish(analyseInSteps(definition, context));
}

/** The same; what is analysed must not change meanwhile. */
export function* analyseInSteps(
  definition: DetectorModelDefinition,
  context: AnalysisContext,
): Steps<Finding[]> {
  const subject = yield* takeApartInSteps(definition, context.limits);
  const found: Finding[][] = [];
  for (const diagnostic of DIAGNOSTICS) {
    yield;
    found.push([...diagnostic(subject, context)]);
  }
  return found.flat();
}

export { type AnalysisContext, type Finding, spanOfFinding } from './finding.ts';
