import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'console/src/**/*.test.ts'],
    // No test says how long something takes: these end what hangs, also on a machine that is busy with other work.
    testTimeout: 60_000,
    // What a test polls for may take a while on a machine that has other things to do.
    expect: { poll: { timeout: 15_000 } },
    hookTimeout: 120_000,
    // Many files wait for processes that they start: on two cores a second worker halves the time of a run.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
});
