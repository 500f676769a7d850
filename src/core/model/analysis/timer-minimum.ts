import { type Diagnostic, warning } from './finding.ts';

/** Timers below the minimum are reported but still run (reference: questions Q-TIMER-MIN). */
export const timerMinimum: Diagnostic = ({ actions, expressions }, { limits }) => {
  const literals = new Map<string, number>();
  for (const { path, role, result } of expressions)
    if (role === 'durationExpression' && result.ok && result.node.kind === 'literal')
      literals.set(path, Number(result.node.value));
  return actions.flatMap(({ path, action: { setTimer } }) => {
    const seconds = setTimer?.seconds ?? literals.get(path);
    if (setTimer === undefined || seconds === undefined || !(seconds < limits.minimumTimerSeconds)) return [];
    const message = `The duration for timer ${setTimer.timerName} should be at least ${limits.minimumTimerSeconds} seconds long.`;
    return [warning('service-limits', [path], message)];
  });
};
