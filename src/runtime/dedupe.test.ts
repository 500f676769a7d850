import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { textOf } from '../../test/support/text-row.ts';
import { type Chunk, DedupeWindow, identify, type MessageId } from './dedupe.ts';

const WINDOW = 100;

/** Random turns that accept ids, take some back, are kept or rolled back, with expiry, a full window and restarts. */
test('behaves like a plain list', () => {
  const operation = fc.record({
    what: fc.constantFrom('add', 'add', 'add', 'has', 'forget', 'keep', 'fail', 'expire', 'full', 'restart'),
    input: fc.constantFrom('A', 'B'),
    id: fc.nat(30).map((n) => `id-${n}`),
    wait: fc.nat(20),
  });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
      let window = new DedupeWindow(WINDOW);
      /** As of the last kept turn, and of the one in progress. */
      let kept = new Map<string, number>();
      let list = new Map<string, number>();
      let rows: (readonly [number: number, row: string])[] = [];
      let now = 1000;
      let turn: { readonly chunk: Chunk; readonly keys: string[] } | undefined;
      const forgetLast = () => {
        const key = turn?.keys.pop();
        if (turn === undefined || key === undefined) return false;
        window.forgetLast(turn.chunk);
        list.delete(key);
        return true;
      };
      const keep = () => {
        if (turn === undefined) return;
        const row = rowOf(turn.chunk);
        rows.push([turn.chunk.number, row]);
        window.keep(turn.chunk, Buffer.from(row));
        kept = new Map(list);
        turn = undefined;
      };
      const isThere = (key: string) => (list.get(key) ?? 0) > now - WINDOW;
      for (const { what, input, id, wait } of operations) {
        if (turn === undefined) now += wait;
        const key = `${input} ${id}`;
        if (what === 'add' && !isThere(key)) {
          turn ??= { chunk: window.open(now), keys: [] };
          window.add(turn.chunk, messageIdOf(input, id));
          turn.keys.push(key);
          list.set(key, now);
        } else if (what === 'forget') forgetLast();
        else if (what === 'keep') keep();
        else if (what === 'fail') {
          while (forgetLast());
          turn = undefined;
        } else if (what === 'expire') {
          keep();
          const gone = window.expire(now);
          expect(gone).toEqual(
            rows.filter(([, row]) => JSON.parse(row).time <= now - WINDOW).map(([number]) => number),
          );
          rows = rows.filter(([number]) => !gone.includes(number));
        } else if (what === 'full') {
          keep();
          const count = [...list.values()].filter((time) => time > now - WINDOW).length;
          expect(window.isFull(count + 1, now)).toBe(false);
          expect(window.isFull(count, now)).toBe(true);
        } else if (what === 'restart') {
          window = new DedupeWindow(WINDOW);
          for (const [number, row] of rows) window.restore(number, row);
          list = new Map(kept);
          turn = undefined;
        }
        expect(window.has(messageIdOf(input, id), now)).toBe(isThere(key));
      }
    }),
  );
});

function rowOf(chunk: Chunk): string {
  return textOf((out) => chunk.write(out));
}

function messageIdOf(inputName: string, messageId: string): MessageId {
  return identify([{ inputName, messageId }])[0] as MessageId;
}

function turnOf(window: DedupeWindow, time: number, ids: readonly string[]): number {
  const chunk = window.open(time);
  for (const id of ids) window.add(chunk, messageIdOf('A', id));
  window.keep(chunk, Buffer.from(rowOf(chunk)));
  return chunk.number;
}

describe('ids that have left the window', () => {
  test('are removed within a few turns, so that memory is bounded and no turn is long', () => {
    const window = new DedupeWindow(WINDOW);
    for (let turn = 0; turn < 100; turn++)
      turnOf(
        window,
        turn,
        Array.from({ length: 100 }, (_, n) => `${turn}-${n}`),
      );
    const gone: number[] = [];
    for (let turns = 0; gone.length < 100; turns++) {
      expect(turns).toBeLessThan(5);
      gone.push(...window.expire(2000));
    }
    // Checked at a time when nothing expires, so that only the expiry above can have freed room.
    expect(window.isFull(1, Number.NEGATIVE_INFINITY)).toBe(false);
  });

  test('are removed at once when there is no room', () => {
    const window = new DedupeWindow(WINDOW);
    for (let n = 0; n < 5000; n++) turnOf(window, 1000, [`id-${n}`]);
    expect(window.isFull(5000, 1099)).toBe(true);
    expect(window.isFull(1, 1100)).toBe(false);
    expect(window.expire(1100)).toHaveLength(5000);
  });

  test('stay while their turn is in progress, however long that takes', () => {
    const window = new DedupeWindow(WINDOW);
    const [slow, failing] = [window.open(1000), window.open(1001)];
    window.add(slow, messageIdOf('A', 'id-1'));
    window.add(failing, messageIdOf('A', 'id-2'));
    expect(window.expire(5000)).toEqual([]);
    window.forgetLast(failing);
    window.keep(slow, Buffer.from(rowOf(slow)));
    expect(window.expire(5000)).toEqual([slow.number]);
    expect(window.isFull(1, Number.NEGATIVE_INFINITY)).toBe(false);
  });

  test('are removed with their rows, oldest first, except rows that were never kept', () => {
    const window = new DedupeWindow(WINDOW);
    window.restore(7, '{"time":1000,"ids":[["A","id-1"]]}');
    const failed = window.open(1010);
    window.add(failed, messageIdOf('A', 'id-2'));
    window.forgetLast(failed);
    expect(turnOf(window, 1050, ['id-3'])).toBe(9);
    expect(window.expire(1099)).toEqual([]);
    expect(window.expire(1100)).toEqual([7]);
    expect(window.expire(1150)).toEqual([9]);
  });
});

test('an id is identified by its full text and its input', () => {
  const window = new DedupeWindow(WINDOW);
  const ids = Array.from({ length: 200_000 }, (_, n) => `m-${n}`);
  for (let from = 0; from < ids.length; from += 100) turnOf(window, 1000, ids.slice(from, from + 100));
  // Among so many ids some fingerprints collide.
  for (const id of ids) {
    if (!window.has(messageIdOf('A', id), 1000)) expect(id).toBe('known');
    if (window.has(messageIdOf('B', id), 1000) || window.has(messageIdOf('A', `${id}-`), 1000))
      expect(id).toBe('unknown');
  }
});

test.each([
  ['counting', (n: number) => `m-${n}`],
  ['by time and number', (n: number) => `${1_700_000_000_000 + n * 7}-${n % 10}`],
  ['random', () => Math.random().toString(16).slice(2)],
])('fingerprints of ids %s are spread over the parts and within each', (_name, idOf) => {
  const fingerprints = Array.from({ length: 20_000 }, (_, n) => messageIdOf('Input', idOf(n)).fingerprint);
  for (const bitsOf of [(each: number) => each >>> 24, (each: number) => each & 0xff]) {
    const counts = new Array<number>(256).fill(0);
    for (const each of fingerprints) counts[bitsOf(each)] = (counts[bitsOf(each)] ?? 0) + 1;
    // 78 in each on average.
    expect(Math.max(...counts)).toBeLessThan(20_000 / 100);
  }
});
