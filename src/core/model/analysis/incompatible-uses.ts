import { type Diagnostic, error, type Finding } from './finding.ts';
import { ANY, list, meet, type TypedReference, union } from './model-types.ts';

type Use = TypedReference['uses'][number];

/** A reference cannot be what different places want it to be. */
export const incompatibleUses: Diagnostic = ({ types, definition }) =>
  types.references.flatMap((reference) => {
    const within = reference.uses.filter((use) => use.types.length === 0);
    if (within.length > 0) return within.map((use) => withinOne(reference, use));
    const stateIndex = definition.states.findIndex(({ stateName }) => clashes(reference, stateName));
    if (stateIndex >= 0)
      return [withinState(reference, stateIndex, definition.states[stateIndex]?.stateName ?? '')];
    return meetOf(reference.uses).length === 0 ? [acrossModel(reference)] : [];
  });

function withinOne({ text }: TypedReference, { site, wanted }: Use): Finding {
  const message = `Incompatible data types ${list(wanted)} found for ${text} in the following expression: ${site.text}`;
  return error('data-type', site.path, message);
}

/** The service looks at an input attribute within onEnter, and within onInput and onExit together. */
function clashes({ kind, uses }: TypedReference, stateName: string): boolean {
  if (kind !== 'input') return false;
  const own = uses.filter(({ site }) => site.stateName === stateName);
  const entering = own.filter(({ site }) => site.path.includes('.onEnter.'));
  const staying = own.filter(({ site }) => !site.path.includes('.onEnter.'));
  return [entering, staying].some((group) => meetOf(group).length === 0);
}

function withinState({ text, uses }: TypedReference, index: number, stateName: string): Finding {
  const wanted = union(uses.filter(({ site }) => site.stateName === stateName).map((use) => use.wanted));
  const message = `The data types ${list(wanted)} found for ${text} aren't compatible and can lead to a runtime error.`;
  return error('data-type', `states[${index}]`, message);
}

function acrossModel({ text, uses }: TypedReference): Finding {
  const wanted = union(uses.map((use) => use.wanted));
  const message = `Incompatible data types ${list(wanted)} used with ${text}. This may lead to a runtime error.`;
  const paths = [...new Set(uses.map(({ site }) => site.path))];
  return { type: 'data-type', level: 'WARNING', message, locations: paths.map((path) => ({ path })) };
}

function meetOf(uses: readonly Use[]) {
  return meet([ANY, ...uses.map((use) => use.types)]);
}
