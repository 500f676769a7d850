import type { Diagnostic, Finding } from './finding.ts';
import { ANY, list, meet } from './model-types.ts';

/** What the model itself says about the type of a reference. */
export const inferredTypes: Diagnostic = ({ types }) =>
  types.references.flatMap(({ text, uses, assigned }): Finding[] => {
    const inferred = assigned ?? meet([ANY, ...uses.map((use) => use.types)]);
    // All four is nothing known, none is a contradiction, which has messages of its own.
    if (inferred.length === 0 || inferred.length === 4) return [];
    const message = `Inferred data types ${list(inferred)} for ${text}`;
    return [{ type: 'data-type', level: 'INFO', message, locations: [] }];
  });
