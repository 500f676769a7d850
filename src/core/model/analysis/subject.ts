import type { Limits } from '../../../limits.ts';
import { parse, references } from '../../expression/index.ts';
import { ACTION_FIELDS, isExternal, looksLikeExpression, readField } from '../action-fields.ts';
import type { Action, DetectorModelDefinition, Event, ExternalActionType } from '../definition.ts';
import type { ExpressionSite } from './expression-site.ts';
import { type ModelTypes, modelTypes } from './model-types.ts';

/** A definition taken apart for the diagnostics. Paths are relative to the definition (spec: analysis 2). */
export interface Subject {
  readonly definition: DetectorModelDefinition;
  readonly events: readonly EventSite[];
  readonly actions: readonly ActionSite[];
  /** In the order of evaluation: an event's condition comes before its actions. */
  readonly expressions: readonly ExpressionSite[];
  readonly types: ModelTypes;
}

export interface EventSite {
  readonly path: string;
  readonly stateName: string;
  readonly event: Event;
  /** For a transition event. */
  readonly nextState?: string;
}

export interface ActionSite {
  readonly path: string;
  readonly stateName: string;
  readonly eventName: string;
  readonly action: Action;
}

export function takeApart(definition: DetectorModelDefinition, limits: Limits): Subject {
  const events = [...eventSites(definition)];
  const actions = events.flatMap(actionSites);
  const parsed = (site: Omit<ExpressionSite, 'result'>) => ({ ...site, result: parse(site.text, limits) });
  const expressions = events
    .flatMap((event) => [...conditionSite(event), ...actionSites(event).flatMap(actionExpressions)])
    .map(parsed);
  return { definition, events, actions, expressions, types: modelTypes(expressions) };
}

/** The names of all inputs that an expression reads. */
export function inputsOf({ expressions }: Pick<Subject, 'expressions'>): ReadonlySet<string> {
  const found = expressions.flatMap(({ result }) => (result.ok ? references(result.node) : []));
  return new Set(
    found.flatMap(({ kind, name }) => (kind === 'input' || kind === 'currentInput' ? [name] : [])),
  );
}

function* eventSites(definition: DetectorModelDefinition): Generator<EventSite> {
  for (const [index, state] of definition.states.entries()) {
    const { stateName } = state;
    const at = (list: string, n: number) => `states[${index}].${list}[${n}]`;
    for (const [n, event] of (state.onEnter?.events ?? []).entries()) {
      yield { path: at('onEnter.events', n), stateName, event };
    }
    for (const [n, event] of (state.onInput?.events ?? []).entries()) {
      yield { path: at('onInput.events', n), stateName, event };
    }
    for (const [n, event] of (state.onInput?.transitionEvents ?? []).entries()) {
      yield { path: at('onInput.transitionEvents', n), stateName, event, nextState: event.nextState };
    }
    for (const [n, event] of (state.onExit?.events ?? []).entries()) {
      yield { path: at('onExit.events', n), stateName, event };
    }
  }
}

function actionSites({ path, stateName, event }: EventSite): ActionSite[] {
  return (event.actions ?? []).map((action, index) => ({
    path: `${path}.actions[${index}]`,
    stateName,
    eventName: event.eventName,
    action,
  }));
}

function conditionSite({ path, stateName, event }: EventSite): Omit<ExpressionSite, 'result'>[] {
  if (!event.condition) return [];
  const { eventName, condition } = event;
  return [{ path, stateName, eventName, role: 'condition', field: 'condition', text: condition }];
}

function actionExpressions({
  path,
  stateName,
  eventName,
  action,
}: ActionSite): Omit<ExpressionSite, 'result'>[] {
  const site = { path, stateName, eventName };
  const { setVariable, setTimer } = action;
  const sites: Omit<ExpressionSite, 'result'>[] = [];
  if (setVariable) {
    const { variableName, value: text } = setVariable;
    sites.push({ ...site, role: 'value', action: 'setVariable', field: 'value', variableName, text });
  }
  if (setTimer?.durationExpression !== undefined) {
    const text = setTimer.durationExpression;
    sites.push({
      ...site,
      role: 'durationExpression',
      action: 'setTimer',
      field: 'durationExpression',
      text,
    });
  }
  for (const type of Object.keys(action)) if (isExternal(type)) sites.push(...parameters(site, action, type));
  return sites;
}

function parameters(
  site: Pick<ExpressionSite, 'path' | 'stateName' | 'eventName'>,
  action: Action,
  type: ExternalActionType,
): Omit<ExpressionSite, 'result'>[] {
  const given = action[type];
  if (given === undefined) return [];
  const sites: Omit<ExpressionSite, 'result'>[] = [];
  for (const { name, mode } of ACTION_FIELDS[type]) {
    const text = readField(given, name);
    if (typeof text !== 'string' || mode === 'literal') continue;
    // A topic that is no expression is a literal one: nothing to find fault with.
    if (mode === 'topic' && !looksLikeExpression(text)) continue;
    sites.push({ ...site, role: 'parameter', action: type, field: name, text });
  }
  if ('payload' in given && given.payload !== undefined) {
    const text = given.payload.contentExpression;
    sites.push({ ...site, role: 'contentExpression', action: type, field: 'contentExpression', text });
  }
  return sites;
}
