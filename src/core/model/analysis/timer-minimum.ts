import type { Diagnostic } from './finding.ts';

/** Short timers are set all the same (spec: questions Q-TIMER-MIN). */
export const timerMinimum: Diagnostic = ({ actions, expressions }, { limits }) =>
  actions.flatMap(({ path, action: { setTimer } }) => {
    if (setTimer === undefined) return [];
    const site = expressions.find((each) => each.path === path && each.role === 'durationExpression');
    const literal =
      site?.result.ok && site.result.node.kind === 'literal' ? Number(site.result.node.value) : undefined;
    const seconds = setTimer.seconds ?? literal;
    if (seconds === undefined || !(seconds < limits.minimumTimerSeconds)) return [];
    const message = `The duration for timer ${setTimer.timerName} should be at least ${limits.minimumTimerSeconds} seconds long.`;
    return [{ type: 'service-limits', level: 'WARNING', message, locations: [{ path }] }];
  });
