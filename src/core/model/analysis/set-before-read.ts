import { type Node, visit } from '../../expression/index.ts';
import type { ExpressionSite } from './expression-site.ts';
import { type Diagnostic, warning } from './finding.ts';
import { distances, entering, type Names } from './flow.ts';
import type { ActionSite, Subject } from './subject.ts';

/**
 * A variable is set before it is first read, on some path from the initial state. An event that sets it counts whatever
 * its condition, because the service's own samples rely on that. They also rely on reading unset variables where the
 * expression tests for it, with isUndefined or `x != x`.
 */
export const setBeforeRead: Diagnostic = (subject) => {
  const setBy = new VariablesSet(subject);
  const distance = distances(subject);
  const atEntry = entering(subject, {
    // A path that leads back cannot set variables before its target is first entered.
    follows: (from, to) => from !== to && (distance.get(from) ?? 0) <= (distance.get(to) ?? 0),
    leave: (index, transition, entered) => setBy.leaving(index, transition, entered),
  });
  const message =
    'Detected broken Variable: a variable is used in an expression before being set to a value.';
  return readsBeforeSet(subject, atEntry, setBy.all).map((path) =>
    warning('referenced-data', [path], message),
  );
};

/** The variables that each state's actions set. */
class VariablesSet {
  readonly all: Names;
  readonly #byGroup = new Map<string, string[]>();

  constructor({ actions }: Subject) {
    for (const site of actions) {
      const name = site.action.setVariable?.variableName;
      if (name === undefined) continue;
      const key = groupOf(site);
      const names = this.#byGroup.get(key);
      if (names === undefined) this.#byGroup.set(key, [name]);
      else names.push(name);
    }
    this.all = new Set([...this.#byGroup.values()].flat());
  }

  leaving(index: number, transition: number, entered: Names): Names {
    const groups = [
      `${index} onEnter`,
      `${index} onInput`,
      `${index} transitions ${transition}`,
      `${index} onExit`,
    ];
    return new Set([...entered, ...groups.flatMap((key) => this.#byGroup.get(key) ?? [])]);
  }
}

/** A state's group of actions; each transition is a group of its own. */
function groupOf({ stateIndex, group, eventPath }: ActionSite): string {
  return group === 'transitions' ? `${stateIndex} ${group} ${indexOf(eventPath)}` : `${stateIndex} ${group}`;
}

function indexOf(eventPath: string): string {
  return eventPath.slice(eventPath.lastIndexOf('[') + 1, -1);
}

/** Paths of expressions that read variables before they are set, in order of evaluation. */
function readsBeforeSet(
  { expressions, conditions }: Subject,
  atEntry: ReadonlyMap<number, Names>,
  everSet: Names,
): string[] {
  const known = new Map([...atEntry].map(([index, names]) => [index, new Set(names)]));
  const paths = new Set<string>();
  for (const site of expressions) {
    const set = known.get(site.stateIndex);
    if (set === undefined) continue;
    const guarded = new Set([...guardedBy(site), ...guardedBy(conditions.get(site.eventPath))]);
    for (const name of readsOf(site))
      if (everSet.has(name) && !set.has(name) && !guarded.has(name)) paths.add(site.path);
    if (site.variableName !== undefined) set.add(site.variableName);
  }
  return [...paths];
}

function readsOf({ references }: ExpressionSite): string[] {
  return references.flatMap(({ kind, name }) => (kind === 'variable' ? [name] : []));
}

/** The variables that an expression tests for being set: isUndefined, isNull, or `x != x`. */
function guardedBy(site: ExpressionSite | undefined): string[] {
  const names: string[] = [];
  // A cheap test that rules out most expressions.
  if (site?.result.ok !== true || !site.references.some(({ kind }) => kind === 'variable')) return names;
  visit(site.result.node, (node) => {
    if (node.kind === 'call' && (node.name === 'isUndefined' || node.name === 'isNull'))
      names.push(...variableIn(node.args[0]));
    if (node.kind === 'binary' && (node.operator === '!=' || node.operator === '==')) {
      const [left] = variableIn(node.left);
      if (left !== undefined && left === variableIn(node.right)[0]) names.push(left);
    }
  });
  return names;
}

function variableIn(node: Node | undefined): string[] {
  return node?.kind === 'variable' ? [node.name] : [];
}
