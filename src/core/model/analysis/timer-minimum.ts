import { compile, EMPTY_SCOPE, isConstant, NO_BINDINGS, type Node } from '../../expression/index.ts';
import { numberOf, toDouble } from '../../expression/numbers.ts';
import { type Diagnostic, warning } from './finding.ts';

/** Timers below the minimum are reported but still run (reference: questions Q-TIMER-MIN). */
export const timerMinimum: Diagnostic = ({ actions, expressions }, { limits }) => {
  const constants = new Map<string, number | undefined>();
  for (const { path, role, result } of expressions)
    if (role === 'durationExpression' && result.ok) constants.set(path, constantNumber(result.node));
  return actions.flatMap(({ path, action: { setTimer } }) => {
    const seconds = setTimer?.seconds ?? constants.get(path);
    if (setTimer === undefined || seconds === undefined || !(seconds < limits.minimumTimerSeconds)) return [];
    const message = `The duration for timer ${setTimer.timerName} should be at least ${limits.minimumTimerSeconds} seconds long.`;
    return [warning('service-limits', [path], message)];
  });
};

/** The number that an expression without references results in; undefined for any other expression. */
function constantNumber(node: Node): number | undefined {
  const number = isConstant(node) ? numberOf(compile(node, NO_BINDINGS)(EMPTY_SCOPE)) : undefined;
  return number === undefined ? undefined : toDouble(number);
}
