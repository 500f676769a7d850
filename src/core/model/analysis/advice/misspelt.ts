import { nearest } from '../../../expression/index.ts';
import { advice, type Diagnostic, within } from '../finding.ts';

/** A name that is not defined anywhere but closely resembles one that is. */
export const misspelt: Diagnostic = ({ actions, expressions, events, definition }) => {
  const variables = new Set(actions.flatMap(({ action }) => action.setVariable?.variableName ?? []));
  const timers = new Set(actions.flatMap(({ action }) => action.setTimer?.timerName ?? []));
  const states = new Set(definition.states.map(({ stateName }) => stateName));
  const told = new Set<string>();
  const look = (path: string, what: string, name: string, known: ReadonlySet<string>) => {
    const near = known.has(name) || told.has(`${what} ${name}`) ? undefined : nearest(name, [...known]);
    if (near === undefined) return [];
    told.add(`${what} ${name}`);
    return [advice('INFO', path, `There is no ${what} ${name}. Did you mean ${near}?`)];
  };
  const read = expressions.flatMap((site) =>
    site.references.flatMap(({ kind, name, node }) => {
      if (kind !== 'variable' && kind !== 'timeout') return [];
      const isVariable = kind === 'variable';
      const found = look(site.path, isVariable ? 'variable' : 'timer', name, isVariable ? variables : timers);
      return found.map((finding) => within(site, finding, node));
    }),
  );
  const entered = events.flatMap(({ path, nextState }) =>
    nextState === undefined ? [] : look(path, 'state', nextState, states),
  );
  return [...read, ...entered];
};
