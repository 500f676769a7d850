/** Loads Restate's SDK, which only workers need. */
export async function loadSdk(): Promise<typeof import('@restatedev/restate-sdk')> {
  provideWithResolvers();
  return import('@restatedev/restate-sdk');
}

/** The SDK requires `Promise.withResolvers`, which Node.js has from 22 on. */
function provideWithResolvers(): void {
  if ('withResolvers' in Promise) return;
  Object.defineProperty(Promise, 'withResolvers', {
    configurable: true,
    writable: true,
    value: function withResolvers<T>(this: PromiseConstructor) {
      let resolve: (value: T | PromiseLike<T>) => void = () => {};
      let reject: (reason?: unknown) => void = () => {};
      const promise = new this<T>((one, other) => {
        resolve = one;
        reject = other;
      });
      return { promise, resolve, reject };
    },
  });
}
