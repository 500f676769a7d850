import { parseJsonPath } from '../../../src/core/model/json-path.ts';

/** A message with a member for each attribute, to be filled in; the key has its value already. */
export function sampleMessage(jsonPaths: readonly string[], key?: string, keyValue?: string): string {
  const message: Record<string, unknown> = {};
  for (const jsonPath of jsonPaths)
    place(message, parseJsonPath(jsonPath), jsonPath === key ? (keyValue ?? '') : 0);
  if (key !== undefined && keyValue !== undefined) place(message, parseJsonPath(key), keyValue);
  return JSON.stringify(message, undefined, 2);
}

function place(into: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [name, ...rest] = path;
  if (name === undefined) return;
  if (rest.length === 0) {
    into[name] = value;
    return;
  }
  const inner = into[name];
  const next: Record<string, unknown> = typeof inner === 'object' && inner !== null ? { ...inner } : {};
  into[name] = next;
  place(next, rest, value);
}

/** The leaves of a sample message, as the JSON paths of attributes; members of lists cannot be attributes. */
export function leafPaths(sample: unknown, above = ''): string[] {
  if (typeof sample !== 'object' || sample === null || Array.isArray(sample))
    return above === '' ? [] : [above];
  return Object.entries(sample).flatMap(([name, value]) => {
    const step = /^[\w-]+$/.test(name) ? name : `\`${name}\``;
    return leafPaths(value, above === '' ? step : `${above}.${step}`);
  });
}

/** UTF-8 as base64, for the wire. */
export function base64(text: string): string {
  let binary = '';
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
}
