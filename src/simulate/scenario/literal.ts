import { isValue, type Json, renderText } from '../../core/expression/value.ts';

/** A value as BatchUpdateDetector takes it: an expression that refers to nothing. */
export function literalOf(value: Json): string {
  if (typeof value === 'string') return JSON.stringify(value).replaceAll('$', '\\u0024');
  return isValue(value) ? renderText(value) : '';
}
