import type { Steps } from '../core/model/steps.ts';

/** Milliseconds of work between two rests. */
const AT_ONCE = 10;

/** Does long work in steps, one piece after the other: between them everything else goes on. */
export class InSteps {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(begin: () => Steps<T>): Promise<T> {
    const running = this.#last.then(() => inSteps(begin()));
    this.#last = running.catch(() => {});
    return running;
  }
}

async function inSteps<T>(steps: Steps<T>): Promise<T> {
  for (;;) {
    const { done, value } = stepsFor(steps, AT_ONCE);
    if (done) return value;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Goes on for so many milliseconds, or to the end. */
export function stepsFor<T>(steps: Steps<T>, milliseconds = AT_ONCE): IteratorResult<void, T> {
  const began = performance.now();
  for (;;) {
    const step = steps.next();
    if (step.done || performance.now() - began >= milliseconds) return step;
  }
}
