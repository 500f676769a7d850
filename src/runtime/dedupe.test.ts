import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DedupeWindow } from './dedupe.ts';

const WINDOW = 100;

/** Adds, looks, lets time pass, expires, undoes: as a plain list of ids with their times. */
test('does what a plain list does', () => {
  const operation = fc.record({
    what: fc.constantFrom('add', 'has', 'expire', 'undo', 'full'),
    input: fc.constantFrom('A', 'B'),
    id: fc.nat(30).map((n) => `id-${n}`),
    wait: fc.nat(20),
  });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
      const window = new DedupeWindow(WINDOW);
      const list = new Map<string, number>();
      let now = 1000;
      let undo: (() => void) | undefined;
      for (const { what, input, id, wait } of operations) {
        now += wait;
        const key = `${input} ${id}`;
        const isKnown = (list.get(key) ?? 0) > now - WINDOW;
        if (what === 'add' && !isKnown) {
          const forget = window.add(input, id, now);
          list.set(key, now);
          undo = () => {
            forget();
            list.delete(key);
          };
        } else if (what === 'undo') {
          undo?.();
          undo = undefined;
        } else if (what === 'expire') {
          window.expire(now);
          undo = undefined;
        } else if (what === 'full') {
          const count = [...list.values()].filter((time) => time > now - WINDOW).length;
          expect(window.isFull(count + 1, now + 0.5)).toBe(false);
          expect(window.isFull(count, now + 0.5)).toBe(true);
          undo = undefined;
        }
        expect(window.has(input, id, now)).toBe((list.get(key) ?? 0) > now - WINDOW);
      }
    }),
  );
});

describe('what has left the window', () => {
  test('goes within some turns, so that memory is bounded', () => {
    const window = new DedupeWindow(WINDOW);
    for (let n = 0; n < 1000; n++) window.add('A', `id-${n}`, n);
    window.addChunk(999);
    for (let turn = 0; turn < 64; turn++) window.expire(2000);
    // Not by its own look: nothing may have been counted any more.
    expect(window.isFull(1, Number.NEGATIVE_INFINITY)).toBe(false);
  });

  test('takes its chunks along at once, the oldest first', () => {
    const window = new DedupeWindow(WINDOW);
    window.restore(7, 1000, [['A', 'id-1']]);
    expect(window.addChunk(1050)).toBe(8);
    expect(window.expire(1099)).toEqual([]);
    expect(window.expire(1100)).toEqual([7]);
    expect(window.expire(1150)).toEqual([8]);
  });
});

test.each([
  ['counting', (n: number) => `m-${n}`],
  ['by time and number', (n: number) => `${1_700_000_000_000 + n * 7}-${n % 10}`],
  ['random', () => Math.random().toString(16).slice(2)],
])('ids %s are spread over parts of moderate size', (_name, idOf) => {
  const window = new DedupeWindow(WINDOW);
  const sizes = [];
  for (let n = 0; n < 20_000; n++) window.add('A', idOf(n), 0);
  window.addChunk(0);
  for (let part = 0, left = 20_000; part < 64; part++) {
    window.expire(1000);
    const now = countIn(window);
    sizes.push(left - now);
    left = now;
  }
  expect(Math.max(...sizes)).toBeLessThan(20_000 / 10);
});

/** By asking for the limit that it just reaches. */
function countIn(window: DedupeWindow): number {
  let [low, high] = [0, 20_001];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (window.isFull(middle, Number.NEGATIVE_INFINITY)) low = middle;
    else high = middle;
  }
  return low;
}
