import { nearest } from '../../../expression/index.ts';
import { advice, type Diagnostic } from '../finding.ts';

/** A name that is nowhere, beside one that is nearly the same. */
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
  const read = expressions.flatMap(({ path, references }) =>
    references.flatMap(({ kind, name }) => {
      if (kind === 'variable') return look(path, 'variable', name, variables);
      return kind === 'timeout' ? look(path, 'timer', name, timers) : [];
    }),
  );
  const entered = events.flatMap(({ path, nextState }) =>
    nextState === undefined ? [] : look(path, 'state', nextState, states),
  );
  return [...read, ...entered];
};
