import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'console/src/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Many files wait for processes that they start: on two cores a second worker halves the time of a run.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
});
