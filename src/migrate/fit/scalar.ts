import type { ScalarNode } from '../node.ts';

type ScalarType = 'string' | 'integer' | 'long' | 'boolean' | 'timestamp' | 'blob';

/** Converts a scalar to the type that the API expects, if its text can be parsed; otherwise leaves it unchanged. */
export function fitScalar(node: ScalarNode, wanted: ScalarType): unknown {
  const { type, text } = node;
  if (type === 'null') return null;
  if (wanted === 'integer' || wanted === 'long') {
    const number = /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(text) ? Number(text) : Number.NaN;
    return Number.isInteger(number) ? number : text;
  }
  if (wanted === 'boolean') return booleanOf(node) ?? text;
  return text;
}

/** `yes` and `on` are Booleans in CloudFormation's YAML. */
function booleanOf({ type, text }: ScalarNode): boolean | undefined {
  if (type === 'number') return undefined;
  const lower = text.trim().toLowerCase();
  if (lower === 'true' || lower === 'yes' || lower === 'on') return true;
  return lower === 'false' || lower === 'no' || lower === 'off' ? false : undefined;
}

/** A scalar whose type no shape defines. */
export function freeScalar(node: ScalarNode): unknown {
  if (node.type === 'number') return Number(node.text);
  if (node.type === 'boolean') return booleanOf(node) ?? node.text;
  return node.type === 'null' ? null : node.text;
}
