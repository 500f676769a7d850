import { at, isList, isObject, type Json, type JsonObject, type Path } from './json.ts';

/**
 * The smallest changes of a document. Each can be taken back exactly, the order of members included, so that what was
 * not changed is exported as it was imported.
 */
export type Step =
  /** Puts a value in the place of the one there. */
  | { readonly type: 'replace'; readonly path: Path; readonly value: Json }
  /** Adds an item to a list, or a member to an object as its `place`-th. */
  | { readonly type: 'insert'; readonly path: Path; readonly place: number; readonly value: Json }
  /** Takes out an item or a member. */
  | { readonly type: 'remove'; readonly path: Path };

export interface Applied {
  readonly document: Json;
  /** What takes the steps back, in the order in which to apply it. */
  readonly inverse: readonly Step[];
}

/** Applies steps one after the other. Throws RangeError for a path that leads nowhere. */
export function applySteps(document: Json, steps: readonly Step[]): Applied {
  let current = document;
  const inverse: Step[] = [];
  for (const step of steps) {
    inverse.unshift(inverseOf(current, step));
    current = applyStep(current, step);
  }
  return { document: current, inverse };
}

function inverseOf(document: Json, step: Step): Step {
  const { path } = step;
  if (step.type === 'insert') return { type: 'remove', path };
  const value = found(document, path);
  if (step.type === 'replace') return { type: 'replace', path, value };
  return { type: 'insert', path, place: placeOf(document, path), value };
}

/** Where an item or member stands in what holds it. */
function placeOf(document: Json, path: Path): number {
  const last = path.at(-1);
  if (typeof last === 'number') return last;
  const holder = found(document, path.slice(0, -1));
  return isObject(holder) ? Object.keys(holder).indexOf(String(last)) : 0;
}

function found(document: Json, path: Path): Json {
  const value = at(document, path);
  if (value === undefined) throw new RangeError(`There is nothing at ${path.join('.')}`);
  return value;
}

function applyStep(document: Json, step: Step): Json {
  if (step.path.length === 0) return step.type === 'replace' ? step.value : document;
  return within(document, step.path.slice(0, -1), (holder) => change(holder, step));
}

/** The document with what stands at a path changed; all beside the path is shared. */
function within(document: Json, path: Path, change: (value: Json) => Json): Json {
  const [first, ...rest] = path;
  if (first === undefined) return change(document);
  const inner = within(found(document, [first]), rest, change);
  if (isList(document)) return document.with(Number(first), inner);
  return { ...(document as JsonObject), [first]: inner };
}

function change(holder: Json, step: Step): Json {
  const name = step.path.at(-1) ?? '';
  if (isList(holder)) {
    const place = Number(name);
    if (step.type === 'replace') return holder.with(place, step.value);
    return holder.toSpliced(
      place,
      step.type === 'remove' ? 1 : 0,
      ...(step.type === 'insert' ? [step.value] : []),
    );
  }
  if (!isObject(holder)) throw new RangeError(`Nothing can stand below ${step.path.slice(0, -1).join('.')}`);
  if (step.type === 'replace') return { ...holder, [name]: step.value };
  const members = Object.entries(holder).filter(([member]) => member !== name);
  if (step.type === 'insert') members.splice(step.place, 0, [String(name), step.value]);
  return Object.fromEntries(members);
}
