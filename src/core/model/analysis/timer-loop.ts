import { type Node, visit } from '../../expression/index.ts';
import { isExternal } from '../action-fields.ts';
import type { Action, Event, State } from '../definition.ts';
import { type Diagnostic, warning } from './finding.ts';
import type { EventSite } from './subject.ts';

/** An event that fires on a timer, sets the timer again and sends something repeats for ever without any message. */
export const timerLoop: Diagnostic = ({ definition, events, conditions }) =>
  events.flatMap((each) => {
    const { path, stateIndex } = each;
    const site = conditions.get(path);
    const result = site?.result;
    if (result === undefined || !result.ok || asksForMessage(result.node)) return [];
    const expired = (site?.references ?? []).flatMap(({ kind, name }) => (kind === 'timeout' ? [name] : []));
    const actions = causedBy(each, definition.states[stateIndex]);
    const setsAgain = actions.some(({ setTimer, resetTimer }) =>
      expired.includes(setTimer?.timerName ?? resetTimer?.timerName ?? ''),
    );
    if (!setsAgain || !actions.some((action) => Object.keys(action).some(isExternal))) return [];
    const message = 'An expiring timer can cause an unexpected amount of messages to be sent.';
    return [warning('structure', [path], message)];
  });

/** The event's actions; a transition that leads back to its state leaves and enters the state, too. */
function causedBy({ event, nextState, stateName }: EventSite, state: State | undefined): Action[] {
  const events = nextState === stateName ? [...eventsOf(state?.onExit), ...eventsOf(state?.onEnter)] : [];
  return [event, ...events].flatMap(({ actions }) => actions ?? []);
}

function eventsOf(group: State['onEnter']): readonly Event[] {
  return group?.events ?? [];
}

function asksForMessage(node: Node): boolean {
  let asks = false;
  visit(node, (part) => {
    if (part.kind === 'call' && part.name === 'triggerType') asks = true;
  });
  return asks;
}
