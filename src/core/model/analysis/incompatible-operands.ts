import type { TypeProblem } from '../../expression/index.ts';
import { type Diagnostic, error, warning, within } from './finding.ts';
import { keyOf, list, type TypedSite } from './model-types.ts';

/**
 * Operands that do not fit their operator. An ERROR when the expression alone shows it; a WARNING when it follows from
 * what the rest of the model says about a reference, and for an order of Strings, which may be published (reference:
 * questions Q-STRCMP).
 */
export const incompatibleOperands: Diagnostic = ({ types }) => {
  const clashing = new Set(
    types.references.flatMap(({ key, inferred }) => (inferred.length > 0 ? [] : [key])),
  );
  return types.sites.flatMap((typed) => [
    ...typed.own.problems.map((problem) => {
      const { path } = typed.site;
      const message = wording(typed, problem);
      const isCertain = problem.code !== 'UNORDERED_STRINGS';
      const finding = isCertain ? error('data-type', path, message) : warning('data-type', [path], message);
      return within(typed.site, finding, problem);
    }),
    ...inferredProblems(typed, clashing).map((problem) =>
      within(typed.site, warning('data-type', [typed.site.path], wording(typed, problem)), problem),
    ),
  ]);
};

/** Excludes references that clash by themselves, which are already reported. */
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
  return code !== 'INCOMPATIBLE_OPERANDS'
    ? `The data types ${list(types)} used with operands of the comparison operator [${operator}] are not ` +
        `compatible in the following expression: ${site.text}`
    : `The data types ${list(types)} that you entered for the operator [${operator}] aren't compatible for ` +
        `the following expression: '${site.text}'`;
}
