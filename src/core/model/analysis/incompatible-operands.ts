import type { TypeProblem } from '../../expression/index.ts';
import { type Diagnostic, error, warning, within } from './finding.ts';
import { keyOf, list, type TypedSite } from './model-types.ts';

/**
 * Operands that do not fit their operator. An ERROR when the expression alone says so; a WARNING when it takes the
 * rest of the model to know what a reference holds.
 */
export const incompatibleOperands: Diagnostic = ({ types }) => {
  const clashing = new Set(
    types.references.flatMap(({ key, inferred }) => (inferred.length > 0 ? [] : [key])),
  );
  return types.sites.flatMap((typed) => [
    ...typed.own.problems.map((problem) =>
      within(typed.site, error('data-type', typed.site.path, wording(typed, problem)), problem),
    ),
    ...inferredProblems(typed, clashing).map((problem) =>
      within(typed.site, warning('data-type', [typed.site.path], wording(typed, problem)), problem),
    ),
  ]);
};

/** Of these a reference that clashes by itself has been reported already. */
function inferredProblems({ own, inference }: TypedSite, clashing: ReadonlySet<string>): TypeProblem[] {
  const known = new Set(own.problems.map(spanOf));
  return inference.problems.filter(({ start, end, operator }) => {
    if (known.has(spanOf({ start, end, operator }))) return false;
    const within = inference.uses.filter(({ reference }) => reference.start >= start && reference.end <= end);
    return !within.some(({ reference }) => clashing.has(keyOf(reference)));
  });
}

function spanOf({ start, end, operator }: Pick<TypeProblem, 'start' | 'end' | 'operator'>): string {
  return `${start} ${end} ${operator}`;
}

function wording({ site }: TypedSite, { code, operator, types }: TypeProblem): string {
  return code === 'INCOMPATIBLE_COMPARISON'
    ? `The data types ${list(types)} used with operands of the comparison operator [${operator}] are not ` +
        `compatible in the following expression: ${site.text}`
    : `The data types ${list(types)} that you entered for the operator [${operator}] aren't compatible for ` +
        `the following expression: '${site.text}'`;
}
