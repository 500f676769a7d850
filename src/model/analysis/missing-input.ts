import { references } from '../../expression/index.ts';
import { type Diagnostic, error } from './finding.ts';

/** Every input that an expression names exists. */
export const missingInput: Diagnostic = ({ expressions }, { hasInput }) =>
  expressions.flatMap(({ path, result }) => {
    if (!result.ok) return [];
    const names = references(result.node).flatMap((reference) =>
      reference.kind === 'input' || reference.kind === 'currentInput' ? [reference.name] : [],
    );
    return [...new Set(names)]
      .filter((name) => !hasInput(name))
      .map((name) => {
        const message = `Detector Model Definition contains reference to Input '${name}' that does not exist.`;
        return error('referenced-resource', path, message);
      });
  });
