import type { Diagnostic, Finding } from './finding.ts';
import { inputsOf } from './subject.ts';

/** An input may feed only a limited number of detector models. */
export const inputRoutes: Diagnostic = (subject, { limits, routesOf }) =>
  [...inputsOf(subject)].flatMap((name): Finding[] => {
    const count = routesOf?.(name) ?? 0;
    if (count < limits.detectorModelsPerInput) return [];
    const message =
      'The maximum number of detector models that can be associated with a single input may have reached the limit. ' +
      `Input ${name} is used in ${count} detector model routes.`;
    return [{ type: 'service-limits', level: 'WARNING', message, locations: [] }];
  });
