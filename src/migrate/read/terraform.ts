import type { Body } from '../hcl/ast.ts';
import { HclError } from '../hcl/cursor.ts';
import { bodyOfJson } from '../hcl/json.ts';
import { parseHcl } from '../hcl/parser.ts';
import { memberOf, type Node, type Place, type Source } from '../node.ts';
import { readJson } from './json.ts';
import { TOO_DEEP } from './result.ts';

type TerraformResult =
  | { readonly ok: true; readonly body: Body }
  | { readonly ok: false; readonly message: string; readonly place: Place };

/** Reads Terraform's native or JSON syntax; returns undefined for a text that is neither. */
export function readTerraform(source: Source): TerraformResult | undefined {
  try {
    if (/^\s*[[{]/.test(source.text)) {
      if (!/"(resource|variable|locals|data)"/.test(source.text)) return undefined;
      const json = readJson(source);
      const node = json.ok ? json.nodes[0] : undefined;
      return node !== undefined && isTerraform(node) ? { ok: true, body: bodyOfJson(node) } : undefined;
    }
    if (!source.path.endsWith('.tf') && !BLOCK.test(source.text)) return undefined;
    return { ok: true, body: parseHcl(source) };
  } catch (error) {
    if (error instanceof HclError)
      return { ok: false, message: `not HCL: ${error.message}`, place: error.place };
    if (error instanceof RangeError) return { ok: false, ...TOO_DEEP, place: { source, start: 0, end: 0 } };
    throw error;
  }
}

/** A block at the beginning of a line, which YAML never has. */
const BLOCK =
  /^(resource|data|variable|output|module|provider)\s+("[^"\n]*"|\w+)\s*("[^"\n]*"\s*)?\{|^(locals|terraform)\s*\{/m;

function isTerraform(node: Node): boolean {
  const resources = memberOf(node, 'resource');
  const holders = [resources, memberOf(node, 'variable'), memberOf(node, 'locals'), memberOf(node, 'data')];
  if (memberOf(node, 'Resources') !== undefined) return false;
  if (resources === undefined) return holders.some((each) => each?.kind === 'object');
  return resources.kind === 'list' || (resources.kind === 'object' && resources.members.every(isBlocks));
}

function isBlocks({ name, value }: { readonly name: string; readonly value: Node }): boolean {
  return /^[a-z][a-z0-9]*_\w+$/.test(name) && value.kind !== 'scalar';
}
