import { useSyncExternalStore } from 'react';
import { API_ROOT, CONSOLE_ROOT } from './place.ts';
import { type AccessKey, amzDate, authorization } from './sign.ts';

/** What the server says to everybody. */
interface Settings {
  readonly signIn: boolean;
  readonly region: string;
}

let settings: Settings | undefined;
/** Kept in memory alone: it is gone with the tab. */
let key: AccessKey | undefined;
const listeners = new Set<() => void>();

/** Asks the server whether to sign in. Rejects when it cannot be reached. */
export async function loadSettings(): Promise<Settings> {
  if (settings === undefined) {
    const response = await fetch(`${CONSOLE_ROOT}settings.json`);
    if (!response.ok) throw new Error(`The server answered ${response.status}`);
    settings = (await response.json()) as Settings;
  }
  return settings;
}

export function setAccessKey(next: AccessKey | undefined): void {
  key = next;
  for (const listener of listeners) listener();
}

/** The access key id of whoever has signed in. */
export function useAccessKeyId(): string | undefined {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => key?.accessKeyId,
  );
}

export interface OutgoingRequest {
  readonly method: string;
  /** Below the API's root, percent-encoded. */
  readonly path: string;
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly body: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** Signs with this key in place of the one that has signed in. */
  readonly as?: AccessKey | undefined;
}

/** Sends a request to this origin, signed when somebody has signed in. Rejects as fetch does. */
export function send(request: OutgoingRequest): Promise<Response> {
  const { method, path, query, body, signal, headers = {}, as = key } = request;
  const search = query
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
  const own: Record<string, string> = { ...headers };
  if (body !== undefined) own['content-type'] = 'application/json';
  if (as !== undefined) {
    const date = amzDate(new Date());
    own['x-amz-date'] = date;
    own.authorization = authorization(
      // A proxy's path prefix is not part of what the server sees.
      { method, path, query, body, headers: { host: location.host, 'x-amz-date': date } },
      as,
      { region: settings?.region ?? 'us-east-1', service: 'iotevents' },
    );
  }
  const url = `${API_ROOT}${path.slice(1)}${search === '' ? '' : `?${search}`}`;
  return fetch(url, {
    method,
    headers: own,
    credentials: 'omit',
    cache: 'no-store',
    ...(body !== undefined && { body }),
    ...(signal !== undefined && { signal }),
  });
}
