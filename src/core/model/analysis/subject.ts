import type { Limits } from '../../../limits.ts';
import { parse, references } from '../../expression/index.ts';
import { ACTION_FIELDS, isExternal, looksLikeExpression, readField } from '../action-fields.ts';
import type { Action, DetectorModelDefinition, Event, ExternalActionType } from '../definition.ts';
import { finish, type Steps } from '../steps.ts';
import type { ExpressionSite } from './expression-site.ts';
import { type ModelTypes, modelTypesInSteps } from './model-types.ts';

/** A definition broken down for the diagnostics. Paths are relative to the definition, as the API returns them. */
export interface Subject {
  readonly definition: DetectorModelDefinition;
  readonly events: readonly EventSite[];
  readonly actions: readonly ActionSite[];
  /** In order of evaluation: an event's condition precedes its actions. */
  readonly expressions: readonly ExpressionSite[];
  /** The conditions among the expressions, by the path of their event. */
  readonly conditions: ReadonlyMap<string, ExpressionSite>;
  readonly types: ModelTypes;
}

/** A state's lists of events. */
export type Group = 'onEnter' | 'onInput' | 'transitions' | 'onExit';

interface Place {
  readonly path: string;
  readonly stateName: string;
  /** The index of the state in the definition. */
  readonly stateIndex: number;
  readonly group: Group;
}

export interface EventSite extends Place {
  readonly event: Event;
  /** Set for transition events. */
  readonly nextState?: string;
}

export interface ActionSite extends Place {
  readonly eventName: string;
  readonly eventPath: string;
  readonly action: Action;
}

export function takeApart(definition: DetectorModelDefinition, limits: Limits): Subject {
  return finish(takeApartInSteps(definition, limits));
}

export function* takeApartInSteps(definition: DetectorModelDefinition, limits: Limits): Steps<Subject> {
  const events = [...eventSites(definition)];
  const actions: ActionSite[] = [];
  const expressions: ExpressionSite[] = [];
  const conditions = new Map<string, ExpressionSite>();
  const parsed = (site: Unparsed): ExpressionSite => {
    const result = parse(site.text, limits);
    return { ...site, result, references: result.ok ? references(result.node) : [] };
  };
  for (const event of events) {
    const condition = conditionSite(event).map(parsed);
    for (const site of condition) conditions.set(site.path, site);
    expressions.push(...condition);
    for (const action of actionSites(event)) {
      actions.push(action);
      expressions.push(...actionExpressions(action).map(parsed));
    }
    yield;
  }
  const types = yield* modelTypesInSteps(expressions);
  return { definition, events, actions, expressions, conditions, types };
}

type Unparsed = Omit<ExpressionSite, 'result' | 'references'>;

/** The names of all inputs that the expressions read. */
export function inputsOf({ expressions }: Pick<Subject, 'expressions'>): ReadonlySet<string> {
  const found = expressions.flatMap((site) => site.references);
  return new Set(
    found.flatMap(({ kind, name }) => (kind === 'input' || kind === 'currentInput' ? [name] : [])),
  );
}

function* eventSites(definition: DetectorModelDefinition): Generator<EventSite> {
  for (const [stateIndex, state] of definition.states.entries()) {
    const { stateName } = state;
    const place = (group: Group, list: string, n: number): Place => {
      return { path: `states[${stateIndex}].${list}[${n}]`, stateName, stateIndex, group };
    };
    for (const [n, event] of (state.onEnter?.events ?? []).entries())
      yield { ...place('onEnter', 'onEnter.events', n), event };
    for (const [n, event] of (state.onInput?.events ?? []).entries())
      yield { ...place('onInput', 'onInput.events', n), event };
    for (const [n, event] of (state.onInput?.transitionEvents ?? []).entries())
      yield {
        ...place('transitions', 'onInput.transitionEvents', n),
        event,
        nextState: event.nextState,
      };
    for (const [n, event] of (state.onExit?.events ?? []).entries())
      yield { ...place('onExit', 'onExit.events', n), event };
  }
}

function actionSites({ path, stateName, stateIndex, group, event }: EventSite): ActionSite[] {
  return (event.actions ?? []).map((action, index) => ({
    path: `${path}.actions[${index}]`,
    eventPath: path,
    stateName,
    stateIndex,
    group,
    eventName: event.eventName,
    action,
  }));
}

function conditionSite({ path, stateName, stateIndex, group, event }: EventSite): Unparsed[] {
  const { eventName, condition: text } = event;
  if (!text) return [];
  const place = { path, eventPath: path, stateName, stateIndex, group };
  return [{ ...place, eventName, role: 'condition', field: 'condition', text }];
}

function actionExpressions({ action, ...place }: ActionSite): Unparsed[] {
  const site = { ...place, actionDefinition: action };
  const { setVariable, setTimer } = action;
  const sites: Unparsed[] = [];
  if (setVariable) {
    const { variableName, value: text } = setVariable;
    sites.push({ ...site, role: 'value', action: 'setVariable', field: 'value', variableName, text });
  }
  if (setTimer?.durationExpression !== undefined) {
    const text = setTimer.durationExpression;
    const field = 'durationExpression';
    sites.push({ ...site, role: field, action: 'setTimer', field, text });
  }
  for (const type of Object.keys(action)) if (isExternal(type)) sites.push(...parameters(site, action, type));
  return sites;
}

function parameters(
  site: Omit<Unparsed, 'role' | 'action' | 'field' | 'text'>,
  action: Action,
  type: ExternalActionType,
): Unparsed[] {
  const given = action[type];
  if (given === undefined) return [];
  const sites: Unparsed[] = [];
  for (const { name, mode } of ACTION_FIELDS[type]) {
    const text = readField(given, name);
    if (typeof text !== 'string' || mode === 'literal') continue;
    // A topic that is not an expression is literal text, so there is nothing to check.
    if (mode === 'topic' && !looksLikeExpression(text)) continue;
    sites.push({ ...site, role: 'parameter', action: type, field: name, text });
  }
  if ('payload' in given && given.payload !== undefined) {
    const text = given.payload.contentExpression;
    sites.push({ ...site, role: 'contentExpression', action: type, field: 'contentExpression', text });
  }
  return sites;
}
