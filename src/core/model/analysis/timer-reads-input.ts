import { type Node, references, visit } from '../../expression/index.ts';
import type { Diagnostic } from './finding.ts';

/**
 * A condition that reads an input is evaluated also when a timer expires, and sees the last message then. One that
 * asks for the trigger or for the current input knows.
 */
export const timerReadsInput: Diagnostic = ({ actions, expressions }) => {
  if (!actions.some(({ action }) => action.setTimer !== undefined)) return [];
  return expressions.flatMap(({ role, path, result }) => {
    if (role !== 'condition' || !path.includes('.onInput.') || !result.ok) return [];
    if (!references(result.node).some(({ kind }) => kind === 'input') || asksForTrigger(result.node))
      return [];
    const message = 'An input attribute is being read, but this may be caused by a timer expiration.';
    return [{ type: 'structure', level: 'WARNING', message, locations: [{ path }] }];
  });
};

function asksForTrigger(node: Node): boolean {
  let asks = false;
  visit(node, (part) => {
    if (part.kind === 'call' && ['triggerType', 'currentInput', 'timeout'].includes(part.name)) asks = true;
  });
  return asks;
}
