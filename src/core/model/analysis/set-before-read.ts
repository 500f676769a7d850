import { references } from '../../expression/index.ts';
import type { State } from '../definition.ts';
import type { ExpressionSite } from './expression-site.ts';
import type { Diagnostic, Finding } from './finding.ts';
import type { Subject } from './subject.ts';

/**
 * A variable is set before it is read, on every way to where it is read. An event that sets it counts as having
 * done so, whatever its condition: the service's own templates rely on that.
 */
export const setBeforeRead: Diagnostic = (subject) => {
  const everSet = new Set(subject.actions.flatMap(({ action }) => action.setVariable?.variableName ?? []));
  const atEntry = entries(subject, everSet);
  const findings: Finding[] = [];
  for (const [index, { stateName }] of subject.definition.states.entries()) {
    const known = atEntry.get(stateName);
    if (known === undefined) continue;
    for (const path of tooEarly(subject, index, known, everSet)) {
      const message =
        'Detected broken Variable: a variable is used in an expression before being set to a value.';
      findings.push({ type: 'referenced-data', level: 'WARNING', message, locations: [{ path }] });
    }
  }
  return findings;
};

type Names = ReadonlySet<string>;

/** What is set on every way into each state; states that no way leads into are absent. */
function entries(subject: Subject, everSet: Names): Map<string, Names> {
  const { states, initialStateName } = subject.definition;
  const known = new Map<string, Names>([[initialStateName, new Set()]]);
  for (let changed = true; changed; ) {
    changed = false;
    for (const [index, state] of states.entries()) {
      const before = known.get(state.stateName);
      if (before === undefined) continue;
      for (const [target, after] of exits(subject, index, state, before)) {
        const so = known.get(target);
        const common = new Set([...(so ?? everSet)].filter((name) => after.has(name)));
        if (so !== undefined && common.size === so.size) continue;
        known.set(target, common);
        changed = true;
      }
    }
  }
  return known;
}

/** What is set after each transition out of a state. */
function exits(
  subject: Subject,
  index: number,
  state: State,
  before: Names,
): [target: string, after: Set<string>][] {
  const staying = [
    ...before,
    ...setBelow(subject, `states[${index}].onEnter.`),
    ...setBelow(subject, `states[${index}].onInput.events`),
  ];
  const leaving = setBelow(subject, `states[${index}].onExit.`);
  return (state.onInput?.transitionEvents ?? []).map(({ nextState }, n) => {
    const own = setBelow(subject, `states[${index}].onInput.transitionEvents[${n}]`);
    return [nextState, new Set([...staying, ...own, ...leaving])];
  });
}

function setBelow({ actions }: Subject, prefix: string): string[] {
  return actions.flatMap(({ path, action }) =>
    path.startsWith(prefix) && action.setVariable ? [action.setVariable.variableName] : [],
  );
}

/** Places in a state that read what nothing before them has set, in the order of evaluation. */
function tooEarly({ expressions }: Subject, index: number, before: Names, everSet: Names): string[] {
  const known = new Set(before);
  const paths = new Set<string>();
  for (const site of expressions) {
    if (!site.path.startsWith(`states[${index}].`)) continue;
    for (const name of readsOf(site)) if (everSet.has(name) && !known.has(name)) paths.add(site.path);
    if (site.variableName !== undefined) known.add(site.variableName);
  }
  return [...paths];
}

function readsOf({ result }: ExpressionSite): string[] {
  if (!result.ok) return [];
  return references(result.node).flatMap(({ kind, name }) => (kind === 'variable' ? [name] : []));
}
