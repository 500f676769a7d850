import { isValue, type Json, renderText } from '../../core/expression/value.ts';

/** A value as BatchUpdateDetector expects it: a constant expression. */
export function literalOf(value: Json): string {
  if (typeof value === 'string') return JSON.stringify(value).replaceAll('$', '\\u0024');
  return isValue(value) ? renderText(value) : '';
}
