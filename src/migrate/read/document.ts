import type { Source } from '../node.ts';
import { readJson } from './json.ts';
import type { ReadResult } from './result.ts';
import { readYaml } from './yaml.ts';

/** JSON or YAML: they are the same to us, and told apart by content, never by the file's name. */
export function readDocument(source: Source): ReadResult {
  if (!/^\s*[[{]/.test(source.text)) return readYaml(source);
  const json = readJson(source);
  if (json.ok) return json;
  // A template in YAML may begin with a brace as well.
  const yaml = readYaml(source);
  return yaml.ok ? yaml : json;
}
