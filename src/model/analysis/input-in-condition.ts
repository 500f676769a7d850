import { references } from '../../expression/index.ts';
import type { Diagnostic } from './finding.ts';

/** At least one condition reads an input, or nothing could ever happen (spec: model 3.1). */
export const inputInCondition: Diagnostic = ({ expressions }) => {
  const conditions = expressions.filter(({ role }) => role === 'condition');
  const readsInput = conditions.some(
    ({ result }) =>
      // A condition that does not parse is reported for that; it may well have meant an input.
      !result.ok || references(result.node).some(({ kind }) => kind === 'input' || kind === 'currentInput'),
  );
  if (readsInput) return [];
  const message = 'Detector Model Definition must use at least one Input in a condition.';
  return [{ type: 'structure', level: 'ERROR', message, locations: [] }];
};
