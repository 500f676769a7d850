import { type Diagnostic, error, type Finding, within } from './finding.ts';

/** Everything that an expression reads is set somewhere. */
export const neverSet: Diagnostic = ({ expressions, actions }) => {
  const variables = new Set(actions.flatMap(({ action }) => action.setVariable?.variableName ?? []));
  const timers = new Set(actions.flatMap(({ action }) => action.setTimer?.timerName ?? []));
  const broken = new Map<string, Finding>();
  for (const site of expressions) {
    for (const { kind, name, node } of site.references) {
      const message =
        kind === 'timeout' && !timers.has(name)
          ? `Detected broken Timer: timer ${name} is used in an expression but is never set.`
          : kind === 'variable' && !variables.has(name)
            ? `Detected broken Variable: variable ${name} is used in an expression but is never set.`
            : undefined;
      if (message !== undefined && !broken.has(message))
        broken.set(message, within(site, error('referenced-data', site.path, message), node));
    }
  }
  return [...broken.values()];
};
