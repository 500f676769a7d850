import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ACTION_TYPES, type Command, LIFECYCLES, statesOf } from './commands.ts';
import { newHistory, redo, run, undo } from './history.ts';
import { at, isList, isObject, type Json, parsePath, pathText } from './json.ts';

/** A definition with members that nobody knows, in an order that nobody else would choose. */
const event = fc.record(
  {
    comment: fc.string(),
    condition: fc.string(),
    eventName: fc.string(),
    actions: fc.array(fc.constant({ note: 1, setVariable: { value: '1', variableName: 'v' } }), {
      maxLength: 2,
    }),
  },
  { requiredKeys: ['eventName'] },
);
const transition = fc.tuple(event, fc.nat(4)).map(([given, to]) => ({ nextState: `S${to}`, ...given }));
const definition = fc
  .array(
    fc.record(
      {
        'x-layout': fc.jsonValue(),
        onInput: fc.record({
          transitionEvents: fc.array(transition, { maxLength: 3 }),
          events: fc.array(event),
        }),
        onExit: fc.constant({}),
      },
      { requiredKeys: [] },
    ),
    { maxLength: 5 },
  )
  .map((states) => ({
    schemaVersion: 1,
    states: states.map((state, place) => ({ ...state, stateName: `S${place}` })),
    initialStateName: 'S0',
  })) as unknown as fc.Arbitrary<Json>;

/** Picks commands by numbers, so that they fit whatever document there is by then. */
const pick = fc.tuple(fc.nat(11), fc.nat(), fc.nat(), fc.string({ maxLength: 8 }));

function commandFor(document: Json, [kind, a, b, text]: readonly [number, number, number, string]): Command {
  const states = statesOf(document);
  const state = a % Math.max(1, states.length);
  const places = placesIn(document);
  const path = parsePath(places[b % places.length] ?? 'initialStateName');
  switch (kind) {
    case 0:
      return { type: 'add-state', name: text };
    case 1:
      return { type: 'rename-state', state, name: text };
    case 2:
      return { type: 'duplicate-state', state };
    case 3:
      return { type: 'remove-state', state };
    case 4:
      return { type: 'add-transition', from: state, to: `S${b % 5}` };
    case 5:
      return { type: 'add-event', state, lifecycle: LIFECYCLES[b % 3] ?? 'onEnter' };
    case 6:
      return { type: 'set', path, value: text };
    case 7:
      return { type: 'set', path: [...path, 'added', text], value: [text] };
    case 8:
      return { type: 'remove', path };
    case 9:
      return { type: 'move', path, to: a % 3 };
    case 10:
      return { type: 'add-action', event: path, action: ACTION_TYPES[a % ACTION_TYPES.length] ?? 'sns' };
    default:
      return { type: 'set-initial', state };
  }
}

/** The paths of everything in a document. */
function placesIn(value: Json, above: readonly (string | number)[] = []): string[] {
  const inner = isList(value)
    ? value.flatMap((each, place) => placesIn(each, [...above, place]))
    : isObject(value)
      ? Object.entries(value).flatMap(([name, each]) =>
          /^[\w-]+$/.test(name) ? placesIn(each, [...above, name]) : [],
        )
      : [];
  return above.length === 0 ? inner : [pathText(above), ...inner];
}

test('undoing everything gives the document as it was, and redoing it as it became', () => {
  fc.assert(
    fc.property(
      definition,
      fc.array(fc.tuple(pick, fc.option(fc.constantFrom('a', 'b'), { nil: undefined }))),
      (document, picks) => {
        const original = JSON.stringify(document);
        let history = newHistory(document);
        for (const [picked, merge] of picks) {
          const command = commandFor(history.document, picked);
          // What cannot stand below a text is refused by the editor, and here.
          if (command.type === 'set' && !canStand(history.document, command.path)) continue;
          if (command.type === 'add-action' && !isObject(at(history.document, command.event))) continue;
          if (command.type === 'add-event' && !hasObjects(history.document, command.state)) continue;
          if (command.type === 'add-transition' && !hasObjects(history.document, command.from)) continue;
          if (command.type === 'add-state' && !isList(at(history.document, ['states']))) continue;
          history = run(history, command, merge);
        }
        const changed = JSON.stringify(history.document);
        while (history.past.length > 0) history = undo(history);
        expect(JSON.stringify(history.document)).toBe(original);
        while (history.future.length > 0) history = redo(history);
        expect(JSON.stringify(history.document)).toBe(changed);
      },
    ),
    { numRuns: 300 },
  );
});

function canStand(document: Json, path: readonly (string | number)[]): boolean {
  for (let depth = 1; depth < path.length; depth++) {
    const value = at(document, path.slice(0, depth));
    if (value === undefined)
      return typeof path[depth] === 'string' && isObject(at(document, path.slice(0, depth - 1)));
    if (isList(value) !== (typeof path[depth] === 'number')) return false;
    if (!isObject(value) && !isList(value)) return false;
  }
  return true;
}

function hasObjects(document: Json, state: number): boolean {
  const value = at(document, ['states', state]);
  return (
    isObject(value) &&
    ['onEnter', 'onInput', 'onExit'].every((name) => value[name] === undefined || isObject(value[name]))
  );
}

test('typing into one field is undone at once', () => {
  let history = newHistory({ states: [{ stateName: '' }] });
  for (const name of ['H', 'Ho', 'Hot'])
    history = run(history, { type: 'set', path: parsePath('states[0].stateName'), value: name }, 'name');
  history = run(history, { type: 'add-state', name: 'Cold' });
  expect(undo(undo(history)).document).toEqual({ states: [{ stateName: '' }] });
});

test('a state that is renamed keeps what leads to it', () => {
  const document = {
    initialStateName: 'A',
    states: [
      {
        stateName: 'A',
        onInput: {
          transitionEvents: [
            { eventName: 'e', nextState: 'B' },
            { eventName: 'f', nextState: 'A' },
          ],
        },
      },
      { stateName: 'B' },
    ],
  };
  const renamed = run(newHistory(document), { type: 'rename-state', state: 0, name: 'Start' }).document;
  expect(at(renamed, ['initialStateName'])).toBe('Start');
  expect(at(renamed, parsePath('states[0].onInput.transitionEvents[1].nextState'))).toBe('Start');
  const removed = run(newHistory(document), { type: 'remove-state', state: 1 }).document;
  expect(at(removed, parsePath('states[0].onInput.transitionEvents'))).toHaveLength(1);
});
