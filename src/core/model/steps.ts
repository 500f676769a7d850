/** Work that may rest at each `yield`, some milliseconds apart: whoever runs it may do something else meanwhile. */
export type Steps<T> = Generator<void, T>;

/** Does all of it at once. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}
