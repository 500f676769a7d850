import { type Node, visit } from '../../expression/index.ts';
import { isExternal } from '../action-fields.ts';
import type { Diagnostic } from './finding.ts';

/** An event that fires on a timer, sets the timer again and sends something repeats for ever without any message. */
export const timerLoop: Diagnostic = ({ events, conditions }) =>
  events.flatMap(({ path, event }) => {
    const site = conditions.get(path);
    const result = site?.result;
    if (result === undefined || !result.ok || asksForMessage(result.node)) return [];
    const expired = (site?.references ?? []).flatMap(({ kind, name }) => (kind === 'timeout' ? [name] : []));
    const actions = event.actions ?? [];
    const setsAgain = actions.some(({ setTimer, resetTimer }) =>
      expired.includes(setTimer?.timerName ?? resetTimer?.timerName ?? ''),
    );
    if (!setsAgain || !actions.some((action) => Object.keys(action).some(isExternal))) return [];
    const message = 'An expiring timer can cause an unexpected amount of messages to be sent.';
    return [{ type: 'structure', level: 'WARNING', message, locations: [{ path }] }];
  });

function asksForMessage(node: Node): boolean {
  let asks = false;
  visit(node, (part) => {
    if (part.kind === 'call' && part.name === 'triggerType') asks = true;
  });
  return asks;
}
