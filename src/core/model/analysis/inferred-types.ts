import type { Diagnostic, Finding } from './finding.ts';
import { ANY, list } from './model-types.ts';

/** The type of a reference as inferred from the model. */
export const inferredTypes: Diagnostic = ({ types }) =>
  types.references.flatMap(({ text, inferred }): Finding[] => {
    // All types means unknown; no type means a clash, which other diagnostics report.
    if (inferred.length === 0 || inferred.length === ANY.length) return [];
    const message = `Inferred data types ${list(inferred)} for ${text}`;
    return [{ type: 'data-type', level: 'INFO', message, locations: [] }];
  });
