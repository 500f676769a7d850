import { at, isList, isObject, type Json, type JsonObject, type Path } from './json.ts';
import type { Step } from './steps.ts';

/**
 * What can be done to a detector model's definition, each as steps on the JSON itself. A command that has nothing to
 * do gives no steps.
 */
export type Command =
  | { readonly type: 'add-state'; readonly name: string }
  | { readonly type: 'rename-state'; readonly state: number; readonly name: string }
  | { readonly type: 'duplicate-state'; readonly state: number }
  | { readonly type: 'remove-state'; readonly state: number }
  | { readonly type: 'set-initial'; readonly state: number }
  | { readonly type: 'add-transition'; readonly from: number; readonly to: string }
  | { readonly type: 'add-event'; readonly state: number; readonly lifecycle: Lifecycle }
  | { readonly type: 'add-action'; readonly event: Path; readonly action: string }
  /** Puts a value at a path; undefined removes it. */
  | { readonly type: 'set'; readonly path: Path; readonly value: Json | undefined }
  | { readonly type: 'remove'; readonly path: Path }
  /** Moves an item within its list. */
  | { readonly type: 'move'; readonly path: Path; readonly to: number }
  | { readonly type: 'replace-all'; readonly value: Json };

export const LIFECYCLES = ['onEnter', 'onInput', 'onExit'] as const;
export type Lifecycle = (typeof LIFECYCLES)[number];

export function stepsOf(document: Json, command: Command): readonly Step[] {
  switch (command.type) {
    case 'add-state':
      return addState(document, command.name);
    case 'rename-state':
      return renameState(document, command.state, command.name);
    case 'duplicate-state':
      return duplicateState(document, command.state);
    case 'remove-state':
      return removeState(document, command.state);
    case 'set-initial':
      return set(document, ['initialStateName'], nameOf(document, command.state));
    case 'add-transition': {
      const transition = { eventName: 'Untitled', condition: '', nextState: command.to, actions: [] };
      return append(document, ['states', command.from, 'onInput', 'transitionEvents'], transition);
    }
    case 'add-event':
      return append(document, ['states', command.state, command.lifecycle, 'events'], {
        eventName: 'Untitled',
        condition: 'true',
        actions: [],
      });
    case 'add-action':
      return append(document, [...command.event, 'actions'], {
        [command.action]: EMPTY_ACTIONS[command.action] ?? {},
      });
    case 'set':
      return set(document, command.path, command.value);
    case 'remove':
      return at(document, command.path) === undefined ? [] : [{ type: 'remove', path: command.path }];
    case 'move':
      return move(document, command.path, command.to);
    case 'replace-all':
      return [{ type: 'replace', path: [], value: command.value }];
  }
}

/** A new action of each type, with the members that it must have. */
const EMPTY_ACTIONS: Readonly<Record<string, JsonObject>> = {
  setVariable: { variableName: 'variable', value: '0' },
  setTimer: { timerName: 'timer', durationExpression: '60' },
  resetTimer: { timerName: 'timer' },
  clearTimer: { timerName: 'timer' },
  sns: { targetArn: 'arn:aws:sns:us-east-1:000000000000:topic' },
  sqs: { queueUrl: 'https://sqs.us-east-1.amazonaws.com/000000000000/queue' },
  lambda: { functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:name' },
  iotTopicPublish: { mqttTopic: 'topic' },
  iotEvents: { inputName: 'Input' },
  iotSiteWise: { propertyAlias: "'alias'", propertyValue: { value: { doubleValue: '0.0' } } },
  dynamoDB: { tableName: "'table'", hashKeyField: "'key'", hashKeyValue: "'value'" },
  dynamoDBv2: { tableName: "'table'" },
  firehose: { deliveryStreamName: 'stream' },
};
export const ACTION_TYPES = Object.keys(EMPTY_ACTIONS);

function addState(document: Json, name: string): Step[] {
  const steps = append(document, ['states'], { stateName: freeName(document, name) });
  const isFirst = statesOf(document).length === 0;
  return isFirst ? [...steps, ...set(document, ['initialStateName'], freeName(document, name))] : steps;
}

/** The state keeps its transitions, and those that lead to it follow. */
function renameState(document: Json, state: number, name: string): Step[] {
  const before = nameOf(document, state);
  if (before === name || before === undefined) return [];
  const isOnly =
    statesOf(document).filter((each) => isObject(each) && each.stateName === before).length === 1;
  const followers = isOnly ? leadingTo(document, before) : [];
  const initial = isOnly && at(document, ['initialStateName']) === before ? [['initialStateName']] : [];
  const paths: Path[] = [
    ['states', state, 'stateName'],
    ...followers.map((path) => [...path, 'nextState']),
    ...initial,
  ];
  return paths.map((path) => ({ type: 'replace', path, value: name }));
}

function duplicateState(document: Json, state: number): Step[] {
  const original = at(document, ['states', state]);
  const name = nameOf(document, state);
  if (!isObject(original) || name === undefined) return [];
  const copy = { ...original, stateName: freeName(document, name) };
  return [{ type: 'insert', path: ['states', state + 1], place: state + 1, value: copy }];
}

/** Transitions that lead to it go with it. */
function removeState(document: Json, state: number): Step[] {
  const name = nameOf(document, state);
  if (at(document, ['states', state]) === undefined) return [];
  const isOnly = statesOf(document).filter((each) => isObject(each) && each.stateName === name).length === 1;
  const followers =
    name === undefined || !isOnly ? [] : leadingTo(document, name).filter((path) => path[1] !== state);
  // From the last one on, so that the places of the others stay.
  const steps: Step[] = followers.toReversed().map((path) => ({ type: 'remove', path }));
  return [...steps, { type: 'remove', path: ['states', state] }];
}

/** The paths of the transition events that lead to a state. */
export function leadingTo(document: Json, name: string): Path[] {
  return statesOf(document).flatMap((_, state) => {
    const path: Path = ['states', state, 'onInput', 'transitionEvents'];
    const transitions = at(document, path);
    if (!isList(transitions)) return [];
    return transitions.flatMap((transition, place) =>
      isObject(transition) && transition.nextState === name ? [[...path, place]] : [],
    );
  });
}

function set(document: Json, path: Path, value: Json | undefined): Step[] {
  const before = at(document, path);
  if (value === undefined) return before === undefined ? [] : [{ type: 'remove', path }];
  if (before !== undefined) return before === value ? [] : [{ type: 'replace', path, value }];
  return put(document, path, value);
}

/** Adds a member that is not there, and the objects above it that are not there either. */
function put(document: Json, path: Path, value: Json): Step[] {
  for (let depth = 1; depth <= path.length; depth++) {
    const here = path.slice(0, depth);
    if (at(document, here) !== undefined) continue;
    const holder = at(document, here.slice(0, -1));
    const place = isList(holder) ? holder.length : Object.keys(isObject(holder) ? holder : {}).length;
    const nested = path.slice(depth).reduceRight<Json>((inner, name) => ({ [name]: inner }), value);
    return [{ type: 'insert', path: here, place, value: nested }];
  }
  return [];
}

/** Adds an item to a list, which is made when it is not there. */
function append(document: Json, path: Path, value: Json): Step[] {
  const list = at(document, path);
  if (!isList(list)) return put(document, path, [value]);
  return [{ type: 'insert', path: [...path, list.length], place: list.length, value }];
}

function move(document: Json, path: Path, to: number): Step[] {
  const list = at(document, path.slice(0, -1));
  const value = at(document, path);
  if (!isList(list) || value === undefined || to < 0 || to >= list.length || to === path.at(-1)) return [];
  return [
    { type: 'remove', path },
    { type: 'insert', path: [...path.slice(0, -1), to], place: to, value },
  ];
}

export function statesOf(document: Json): readonly Json[] {
  const states = at(document, ['states']);
  return isList(states) ? states : [];
}

function nameOf(document: Json, state: number): string | undefined {
  const name = at(document, ['states', state, 'stateName']);
  return typeof name === 'string' ? name : undefined;
}

/** The name, with a number after it when a state has it already. */
function freeName(document: Json, name: string): string {
  const taken = new Set(statesOf(document).map((state) => (isObject(state) ? state.stateName : undefined)));
  if (!taken.has(name)) return name;
  let number = 2;
  while (taken.has(`${name} ${number}`)) number++;
  return `${name} ${number}`;
}
