import type { Source } from '../node.ts';
import { readJson } from './json.ts';
import type { ReadResult } from './result.ts';
import { readYaml } from './yaml.ts';

/** Reads JSON or YAML, recognised by content, never by the file's name. */
export function readDocument(source: Source): ReadResult {
  if (!/^\s*[[{]/.test(source.text)) return readYaml(source);
  const json = readJson(source);
  if (json.ok) return json;
  // A YAML template may begin with a brace as well.
  const yaml = readYaml(source);
  return yaml.ok ? yaml : json;
}
