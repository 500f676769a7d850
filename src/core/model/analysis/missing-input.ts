import { type Diagnostic, error } from './finding.ts';

const INPUT_NAME = /^[a-zA-Z][a-zA-Z0-9_]{0,127}$/;

/** Every input that an expression names exists. */
export const missingInput: Diagnostic = ({ expressions }, { hasInput }) =>
  expressions.flatMap(({ path, references }) => {
    const names = references.flatMap((reference) =>
      reference.kind === 'input' || reference.kind === 'currentInput' ? [reference.name] : [],
    );
    return [...new Set(names)]
      .filter((name) => !hasInput(name))
      .map((name) => {
        const message = INPUT_NAME.test(name)
          ? `Detector Model Definition contains reference to Input '${name}' that does not exist.`
          : `Detector Model Definition contains invalid InputName: ${name}`;
        return error('referenced-resource', path, message);
      });
  });
