import type { Diagnostic, Finding } from './finding.ts';
import { ANY, list } from './model-types.ts';

/** What the model itself says about the type of a reference. */
export const inferredTypes: Diagnostic = ({ types }) =>
  types.references.flatMap(({ text, inferred }): Finding[] => {
    // All types is nothing known, none is a clash, which has messages of its own.
    if (inferred.length === 0 || inferred.length === ANY.length) return [];
    const message = `Inferred data types ${list(inferred)} for ${text}`;
    return [{ type: 'data-type', level: 'INFO', message, locations: [] }];
  });
