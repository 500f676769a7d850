import type { Diagnostic } from './finding.ts';

/**
 * Some expression reads an input; otherwise nothing could ever happen. The service's message mentions a condition, yet
 * AWS published a model that reads its input only in setVariable (reference: models 3.1, analysis 10).
 */
export const inputInCondition: Diagnostic = ({ expressions }) => {
  const readsInput = expressions.some(
    ({ result, references }) =>
      // An expression that does not parse is reported elsewhere, and might refer to an input.
      !result.ok || references.some(({ kind }) => kind === 'input' || kind === 'currentInput'),
  );
  if (readsInput) return [];
  const message = 'Detector Model Definition must use at least one Input in a condition.';
  return [{ type: 'structure', level: 'ERROR', message, locations: [] }];
};
