import type { Evaluate } from '../expression/index.ts';
import { isLongerThan, utf8Length } from '../expression/utf8.ts';
import { isValue, type Outcome, typeOf, WholeDecimal } from '../expression/value.ts';
import type { CompiledAction, CompiledExternalAction } from '../model/compiled.ts';
import { refuseSize, sizeOf } from './effect.ts';
import type { Evaluation } from './evaluation.ts';
import { uuidFromName } from './execution-id.ts';
import { evaluateExternal } from './external.ts';
import { wallOf } from './instant.ts';
import { defaultPayload } from './payload.ts';
import type { Tracer } from './trace.ts';
import { namedVariables } from './variables.ts';

/**
 * Performs one action of an event. A failure is reported and changes nothing; the actions after it still run
 * (reference: models 6, expressions 8).
 */
export function perform(evaluation: Evaluation, eventName: string, action: CompiledAction): void {
  if (evaluation.tracer === undefined) run(evaluation, eventName, action);
  else runTraced(evaluation, evaluation.tracer, eventName, action);
}

function runTraced(evaluation: Evaluation, tracer: Tracer, eventName: string, action: CompiledAction): void {
  const { effects, problems } = evaluation;
  const [effectsBefore, problemsBefore] = [effects.length, problems.length];
  run(evaluation, eventName, action);
  tracer.actions.push({
    type: action.kind === 'external' ? action.type : action.kind,
    place: action.place,
    state: evaluation.model.states[evaluation.state]?.name ?? '',
    eventName,
    effect: evaluation.effects[effectsBefore],
    problem: evaluation.problems[problemsBefore],
  });
}

function run(evaluation: Evaluation, eventName: string, action: CompiledAction): void {
  switch (action.kind) {
    case 'setVariable':
      setVariable(evaluation, eventName, action.variable, action.value, action.text);
      break;
    case 'setTimer':
      setTimer(evaluation, eventName, action.timer, action.duration);
      break;
    case 'resetTimer':
      resetTimer(evaluation, eventName, action.timer);
      break;
    case 'clearTimer':
      evaluation.removeTimer(action.timer);
      break;
    case 'external':
      begin(evaluation, eventName, action);
      break;
  }
}

function setVariable(
  evaluation: Evaluation,
  eventName: string,
  place: number,
  evaluate: Evaluate,
  text: string,
): void {
  const value = evaluate(evaluation);
  if (!isValue(value)) {
    const reason = `Variable ${nameOf(evaluation, place)} keeps its value: '${text}' did not evaluate to a value.`;
    evaluation.report('ERROR', eventName, reason);
  } else if (typeof value === 'string' && refuseText(evaluation, eventName, place, value)) {
    return;
  } else if (evaluation.at(place) !== undefined || hasRoomFor(evaluation, eventName, place)) {
    evaluation.setVariable(place, value);
  }
}

/** Shorter texts are not added up: with the limited number of variables they cannot amount to much. */
const SHORT = 1024;

/** Returns true, and reports why, when a text is too long for a variable. */
function refuseText(evaluation: Evaluation, eventName: string, place: number, text: string): boolean {
  const { variableText, detectorText } = evaluation.context.limits;
  const refuse = (what: string) => {
    const reason = `Variable ${nameOf(evaluation, place)} keeps its value: ${what}.`;
    evaluation.report('ERROR', eventName, reason);
    return true;
  };
  if (isLongerThan(text, variableText))
    return refuse(`the new one has ${utf8Length(text)} bytes; the limit is ${variableText}`);
  if (text.length <= SHORT) return false;
  let all = utf8Length(text);
  for (const [name, value] of namedVariables(evaluation.model, evaluation.detector))
    if (typeof value === 'string' && name !== nameOf(evaluation, place)) all += utf8Length(value);
  if (all <= detectorText) return false;
  return refuse(`the detector's texts would have ${all} bytes; the limit is ${detectorText}`);
}

function hasRoomFor(evaluation: Evaluation, eventName: string, place: number): boolean {
  const limit = evaluation.context.limits.variablesPerDetector;
  if (namedVariables(evaluation.model, evaluation.detector).length < limit) return true;
  const name = nameOf(evaluation, place);
  const reason = `Variable ${name} was not set: Number of variables in the detector exceeds the limit ${limit}.`;
  evaluation.report('ERROR', eventName, reason);
  return false;
}

function nameOf({ model }: Evaluation, variable: number): string {
  return model.placeNames[variable] ?? '';
}

/** The messages are quoted from the service (reference: actions 1.2). */
function setTimer(
  evaluation: Evaluation,
  eventName: string,
  place: number,
  duration: number | Evaluate,
): void {
  const name = evaluation.model.timers.names[place] ?? '';
  const report = (message: string) => evaluation.report('ERROR', eventName, message);
  const evaluated: Outcome = typeof duration === 'number' ? duration : duration(evaluation);
  if (evaluated === undefined || evaluated === null) {
    report(
      `Your duration expression for the timer named ${name} could not be evaluated. Check the variable names, ` +
        'input names, and paths to the data to make sure that you refer to the existing variables and inputs.',
    );
    return;
  }
  const type = typeOf(evaluated);
  if (type !== 'Integer' && type !== 'Decimal') {
    report(`Your duration expression for the timer named ${name} could not be evaluated to a number.`);
    return;
  }
  const seconds = Math.floor(Number(evaluated instanceof WholeDecimal ? evaluated.value : evaluated));
  const { minimumTimerSeconds: least, maximumTimerSeconds: most } = evaluation.context.limits;
  const range = `make sure that your duration expression refers to a value between ${least}-${most}.`;
  if (seconds > most) {
    // The service misprints its limit as 31622440 (reference: actions 1.2). Quoted only while our limit equals the
    // service's.
    const quoted = most === 31_622_400 ? 31_622_440 : most;
    report(
      `The evaluated result of your duration expression for the timer named ${name} is greater than ${quoted}. ` +
        `To ensure accuracy, ${range}`,
    );
    return;
  }
  if (typeof duration !== 'number' && seconds < least) {
    report(
      `The evaluated result of your duration expression for the timer named ${name} is less than ${least}. ` +
        `To ensure accuracy, ${range}`,
    );
    if (seconds < 1) return;
  }
  const running = evaluation.timers.filter((timer) => timer.status === 'RUNNING' && timer.name !== name);
  if (running.length >= evaluation.context.limits.timersPerDetector) {
    report(`Failed to set the timer named ${name}. Check your duration expression, and try again.`);
    return;
  }
  evaluation.startTimer(place, seconds, 'set');
}

/**
 * Restarts a timer with the duration of the last setTimer, without evaluating the expression again (reference: actions
 * 1.3).
 */
function resetTimer(evaluation: Evaluation, eventName: string, place: number): void {
  const timer = evaluation.timer(place);
  if (timer !== undefined) {
    evaluation.startTimer(place, timer.duration, 'reset');
    return;
  }
  const name = evaluation.model.timers.names[place] ?? '';
  evaluation.report('WARNING', eventName, `The timer named ${name} was not reset: it is not set.`);
}

function begin(evaluation: Evaluation, eventName: string, action: CompiledExternalAction): void {
  const { model, context, keyValue } = evaluation;
  const position = evaluation.position++;
  // Includes the time, because servers with separate data may reach the same sequence number.
  const name = [model.name, keyValue ?? '', context.sequence, context.now, position].join('\0');
  const actionExecutionId = uuidFromName(name);
  const evaluated = evaluateExternal(action, evaluation, context.limits, () =>
    defaultPayload(evaluation, eventName, actionExecutionId),
  );
  if (!evaluated.ok) {
    evaluation.report('ERROR', eventName, evaluated.message);
    return;
  }
  const { parameters, payload, warning } = evaluated;
  const size = sizeOf(evaluated);
  const refusal = refuseSize(action.type, size, evaluation.effectText, context.limits);
  if (refusal !== undefined) {
    evaluation.report('ERROR', eventName, refusal);
    return;
  }
  evaluation.effectText += size;
  if (warning !== undefined) evaluation.report('WARNING', eventName, warning);
  evaluation.act({
    actionExecutionId,
    type: action.type,
    detectorModelName: model.name,
    ...(keyValue !== undefined && { keyValue }),
    eventName,
    eventTime: wallOf(context),
    parameters,
    payload,
  });
}
