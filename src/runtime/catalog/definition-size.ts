import { utf8Length } from '../../core/expression/utf8.ts';
import type { Limits } from '../../limits.ts';
import { Fault } from '../fault.ts';

/** Throws Fault when the definition, as JSON text, exceeds the limit. */
export function checkSize(what: string, definition: object, { definitionBytes: limit }: Limits): void {
  const bytes = utf8Length(JSON.stringify(definition));
  if (bytes <= limit) return;
  const message = `${what} definition size of ${bytes} bytes exceeds the limit ${limit}`;
  throw new Fault('InvalidRequestException', message);
}
