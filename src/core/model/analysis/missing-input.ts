import { type Diagnostic, error, within } from './finding.ts';

const INPUT_NAME = /^[a-zA-Z][a-zA-Z0-9_]{0,127}$/;

/** Every input named in an expression exists. */
export const missingInput: Diagnostic = ({ expressions }, { hasInput }) =>
  expressions.flatMap((site) => {
    const { path, references } = site;
    const names = references.flatMap((reference) =>
      reference.kind === 'input' || reference.kind === 'currentInput' ? [reference.name] : [],
    );
    return [...new Set(names)]
      .filter((name) => !hasInput(name))
      .map((name) => {
        const message = INPUT_NAME.test(name)
          ? `Detector Model Definition contains reference to Input '${name}' that does not exist.`
          : `Detector Model Definition contains invalid InputName: ${name}`;
        const first = references.find(
          ({ kind, name: used }) => (kind === 'input' || kind === 'currentInput') && used === name,
        );
        return within(site, error('referenced-resource', path, message), first?.node);
      });
  });
