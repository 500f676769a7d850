import { type Diagnostic, error } from './finding.ts';
import { list } from './model-types.ts';

/** Operands that can never fit their operator. */
export const incompatibleOperands: Diagnostic = ({ types }) =>
  types.sites.flatMap(({ site, inference }) =>
    inference.problems.map(({ code, operator, types: inferred }) => {
      const message =
        code === 'INCOMPATIBLE_COMPARISON'
          ? `The data types ${list(inferred)} used with operands of the comparison operator [${operator}] are not ` +
            `compatible in the following expression: ${site.text}`
          : `The data types ${list(inferred)} that you entered for the operator [${operator}] aren't compatible for ` +
            `the following expression: '${site.text}'`;
      return error('data-type', site.path, message);
    }),
  );
