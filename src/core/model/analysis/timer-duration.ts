import { type Diagnostic, error } from './finding.ts';

/** setTimer has either seconds or a duration expression, not both (reference: actions 1.2). */
export const timerDuration: Diagnostic = ({ actions }) =>
  actions.flatMap(({ path, action: { setTimer } }) => {
    if (setTimer === undefined) return [];
    const given = Number(setTimer.seconds !== undefined) + Number(setTimer.durationExpression !== undefined);
    if (given === 1) return [];
    const both = 'Only one of seconds and durationExpression can be set in SetTimer.';
    const neither = 'One of seconds and durationExpression must be set in SetTimer.';
    return [error('structure', path, given === 2 ? both : neither)];
  });
