import { useSyncExternalStore } from 'react';

/** Since when the server does not answer, in milliseconds since the epoch; undefined while it does. */
let silentSince: number | undefined;
const listeners = new Set<() => void>();

/** Says whether the server answered the last request, whatever it answered. */
export function noteReach(answered: boolean): void {
  const next = answered ? undefined : (silentSince ?? Date.now());
  if (next === silentSince) return;
  silentSince = next;
  for (const listener of listeners) listener();
}

export function useSilentSince(): number | undefined {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => silentSince,
  );
}
