import { isArray } from '../expression/json.ts';
import { type Json, renderText, WholeDecimal } from '../expression/value.ts';

/** A DynamoDB attribute value in its wire format. */
export type AttributeValue =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly B: string }
  | { readonly BOOL: boolean }
  | { readonly NULL: true }
  | { readonly L: readonly AttributeValue[] }
  | { readonly M: Readonly<Record<string, AttributeValue>> };

/** Converts JSON to an attribute value; numbers keep their text (reference: actions 7). */
export function attributeValue(json: Json): AttributeValue {
  if (json === null) return { NULL: true };
  if (typeof json === 'string') return { S: json };
  if (typeof json === 'boolean') return { BOOL: json };
  if (typeof json !== 'object' || json instanceof WholeDecimal) return { N: renderText(json) };
  if (isArray(json)) return { L: json.map(attributeValue) };
  return { M: attributeValues(json) };
}

export function attributeValues(
  json: Readonly<Record<string, Json>>,
): Readonly<Record<string, AttributeValue>> {
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [name, attributeValue(value)]));
}
