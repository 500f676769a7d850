import { type Node, nameArgument, visit } from '../../../expression/index.ts';
import { advice, type Diagnostic } from '../finding.ts';

/** Timers that are set but never tested, and variables that are set but never read. */
export const unread: Diagnostic = ({ actions, expressions }) => {
  const read = new Set(
    expressions.flatMap(({ references }) => references.map(({ kind, name }) => `${kind} ${name}`)),
  );
  const testsAnyTimer = expressions.some(({ result }) => result.ok && hasComputedTimer(result.node));
  const told = new Set<string>();
  return actions.flatMap(({ path, action: { setVariable, setTimer } }) => {
    const key =
      setVariable !== undefined
        ? `variable ${setVariable.variableName}`
        : setTimer !== undefined
          ? `timeout ${setTimer.timerName}`
          : undefined;
    if (key === undefined || read.has(key) || told.has(key)) return [];
    if (setTimer !== undefined && testsAnyTimer) return [];
    told.add(key);
    const message =
      setVariable !== undefined
        ? `Variable ${setVariable.variableName} is set but no expression reads it; payloads still contain it.`
        : `Timer ${setTimer?.timerName} is set and no condition checks it with timeout("${setTimer?.timerName}").`;
    return [advice(setVariable !== undefined ? 'INFO' : 'WARNING', path, message)];
  });
};

/** Whether a timeout call computes the timer's name. */
function hasComputedTimer(expression: Node): boolean {
  let asks = false;
  visit(expression, (node) => {
    if (node.kind === 'call' && node.name === 'timeout' && nameArgument(node) === undefined) asks = true;
  });
  return asks;
}
