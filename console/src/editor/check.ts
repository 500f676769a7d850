import {
  type AnalysisContext,
  advise,
  analyse,
  type Finding,
} from '../../../src/core/model/analysis/index.ts';
import type { DetectorModelDefinition } from '../../../src/core/model/definition.ts';
import { normaliseDefinition } from '../../../src/core/model/normalise.ts';
import { DEFAULT_LIMITS } from '../../../src/limits.ts';
import { at, isList, isObject, type Json } from '../document/json.ts';

/** A definition that can be drawn and analysed, or why it cannot. */
export type Read =
  | { readonly ok: true; readonly definition: DetectorModelDefinition }
  | { readonly ok: false; readonly message: string; readonly path: string };

/** The attributes of the inputs there are, by the input's name. */
export type KnownInputs = ReadonlyMap<string, readonly string[]>;

const LIFECYCLES = ['onEnter', 'onInput', 'onExit'];

/** Whether a document has the shape of a definition; the server checks the rest of the shape when it is published. */
export function readDefinition(document: Json): Read {
  const problem = shapeProblem(document);
  if (problem !== undefined) return { ok: false, ...problem };
  return { ok: true, definition: document as unknown as DetectorModelDefinition };
}

/** What the service's analysis says, and our advice, worst first. */
export function check(definition: DetectorModelDefinition, inputs: KnownInputs): readonly Finding[] {
  const context: AnalysisContext = {
    limits: DEFAULT_LIMITS,
    hasInput: (name) => inputs.has(name),
    attributesOf: (name) => inputs.get(name),
  };
  const normal = normaliseDefinition(definition);
  const found = [...analyse(normal, context), ...advise(normal, context)];
  return found.toSorted((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level));
}

const LEVELS = ['ERROR', 'WARNING', 'INFO'];

interface ShapeProblem {
  readonly message: string;
  readonly path: string;
}

function shapeProblem(document: Json): ShapeProblem | undefined {
  if (!isObject(document))
    return { message: 'A definition is an object with states and initialStateName', path: '' };
  if (typeof document.initialStateName !== 'string')
    return { message: 'initialStateName must be a text', path: 'initialStateName' };
  const { states } = document;
  if (!isList(states) || states.length === 0)
    return { message: 'There must be at least one state', path: 'states' };
  for (const [place, state] of states.entries()) {
    const problem = stateProblem(state, `states[${place}]`);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function stateProblem(state: Json, path: string): ShapeProblem | undefined {
  if (!isObject(state)) return { message: 'A state must be an object', path };
  if (typeof state.stateName !== 'string')
    return { message: 'stateName must be a text', path: `${path}.stateName` };
  for (const lifecycle of LIFECYCLES) {
    const own = state[lifecycle];
    if (own === undefined || own === null) continue;
    if (!isObject(own)) return { message: `${lifecycle} must be an object`, path: `${path}.${lifecycle}` };
    for (const list of ['events', 'transitionEvents']) {
      const problem = eventsProblem(own[list], `${path}.${lifecycle}.${list}`, list === 'transitionEvents');
      if (problem !== undefined) return problem;
    }
  }
  return undefined;
}

function eventsProblem(
  events: Json | undefined,
  path: string,
  isTransition: boolean,
): ShapeProblem | undefined {
  if (events === undefined || events === null) return undefined;
  if (!isList(events)) return { message: 'Events must be a list', path };
  for (const [place, event] of events.entries()) {
    const here = `${path}[${place}]`;
    if (!isObject(event)) return { message: 'An event must be an object', path: here };
    const texts = isTransition ? ['eventName', 'condition', 'nextState'] : ['eventName'];
    for (const name of texts) {
      if (typeof event[name] !== 'string')
        return { message: `${name} must be a text`, path: `${here}.${name}` };
    }
    const condition = event.condition;
    if (condition !== undefined && condition !== null && typeof condition !== 'string')
      return { message: 'condition must be a text', path: `${here}.condition` };
    const problem = actionsProblem(event.actions, `${here}.actions`);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function actionsProblem(actions: Json | undefined, path: string): ShapeProblem | undefined {
  if (actions === undefined || actions === null) return undefined;
  if (!isList(actions)) return { message: 'Actions must be a list', path };
  for (const [place, action] of actions.entries()) {
    const here = `${path}[${place}]`;
    if (!isObject(action)) return { message: 'An action must be an object', path: here };
    for (const [type, parameters] of Object.entries(action)) {
      if (!isObject(parameters)) return { message: `${type} must be an object`, path: `${here}.${type}` };
      for (const [name, value] of Object.entries(parameters)) {
        const wanted = WANTED[name];
        if (wanted !== undefined && value !== null && typeof value !== wanted)
          return {
            message: `${name} must be a ${wanted === 'string' ? 'text' : wanted}`,
            path: `${here}.${type}.${name}`,
          };
      }
      const content = at(parameters, ['payload', 'contentExpression']);
      if (parameters.payload !== undefined && typeof content !== 'string')
        return { message: 'A payload must have a contentExpression', path: `${here}.${type}.payload` };
    }
  }
  return undefined;
}

/** Types of the members that the analysis reads. */
const WANTED: Readonly<Record<string, 'string' | 'number' | 'boolean'>> = {
  variableName: 'string',
  value: 'string',
  timerName: 'string',
  seconds: 'number',
  durationExpression: 'string',
  targetArn: 'string',
  queueUrl: 'string',
  useBase64: 'boolean',
  functionArn: 'string',
  mqttTopic: 'string',
  inputName: 'string',
  tableName: 'string',
  deliveryStreamName: 'string',
  separator: 'string',
};

/** The longest part of a place that the graph has a node or a line for. */
export function graphIdOf(path: string): string | undefined {
  return /^states\[\d+\](\.onInput\.transitionEvents\[\d+\])?/.exec(path)?.[0];
}
