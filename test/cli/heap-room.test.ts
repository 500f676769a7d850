import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const MODULE = fileURLToPath(new URL('../../dist/cli/heap-room.js', import.meta.url));

/** As little as V8 allows a heap to grow that hardly does; how much exactly depends on measured speeds. */
const STINGY = '--heap-growing-percent=10';

/** Prints how many full collections it takes to add 40 MB to a heap of 40 MB. */
const GROW = `
  import { constants, PerformanceObserver } from 'node:perf_hooks';
  import { setImmediate } from 'node:timers/promises';
  const { keepHeapRoom } = await import(process.argv[1]);
  const objects = [];
  const grow = async (count) => {
    for (let left = count; left > 0; left--) {
      objects.push({ number: left, text: 'text ' + left });
      if (left % 1000 === 0) await setImmediate();
    }
  };
  await grow(350_000);
  if (process.argv[2] === 'room') keepHeapRoom();
  gc();
  // That one may be reported later.
  const began = performance.now();
  let full = 0;
  const observer = new PerformanceObserver((list) => {
    for (const { detail, startTime } of list.getEntries())
      if (startTime > began && detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) full++;
  });
  observer.observe({ entryTypes: ['gc'] });
  await grow(350_000);
  await setImmediate();
  process.stdout.write(String(full));
`;

test('a heap grows by 64 MB before it is collected again', () => {
  const collections = (room: string) =>
    Number(
      execFileSync(process.execPath, [
        '--expose-gc',
        STINGY,
        '--input-type=module',
        '-e',
        GROW,
        MODULE,
        room,
      ]),
    );
  expect(collections('')).toBeGreaterThan(0);
  expect(collections('room')).toBe(0);
});
