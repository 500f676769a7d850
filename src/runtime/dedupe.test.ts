import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DedupeWindow } from './dedupe.ts';

const WINDOW = 10;

test('knows the ids of the window and lets the others and their chunks go', () => {
  const turn = fc.record({ later: fc.nat(6), ids: fc.array(fc.tuple(fc.constantFrom('A', 'B'), fc.nat(5))) });
  fc.assert(
    fc.property(fc.array(turn), (turns) => {
      const window = new DedupeWindow(WINDOW);
      const accepted = new Map<string, number>();
      const chunks = new Map<number, number>();
      let now = 100;
      for (const { later, ids } of turns) {
        now += later;
        const gone = [...chunks].filter(([, time]) => time <= now - WINDOW).map(([number]) => number);
        expect(window.expire(now)).toEqual(gone);
        for (const number of gone) chunks.delete(number);
        for (const [key, time] of accepted) if (time <= now - WINDOW) accepted.delete(key);
        expect(window.size).toBe(accepted.size);
        for (const [inputName, id] of ids) {
          expect(window.has(inputName, String(id), now)).toBe(accepted.has(`${inputName}/${id}`));
          if (accepted.has(`${inputName}/${id}`)) continue;
          window.add(inputName, String(id), now);
          accepted.set(`${inputName}/${id}`, now);
        }
        if (ids.length > 0) chunks.set(window.addChunk(now), now);
      }
    }),
  );
});
