import { type Node as JsonNode, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { type Node, objectNode, type Source } from '../node.ts';
import { type ReadResult, TOO_DEEP } from './result.ts';

/** Reads JSON. Accepts comments and trailing commas, as AWS's tools do. */
export function readJson(source: Source): ReadResult {
  const { text } = source;
  const errors: ParseError[] = [];
  try {
    const tree = parseTree(text, errors, { allowTrailingComma: true });
    const [error] = errors;
    if (error !== undefined || tree === undefined) {
      const { offset = 0, length = 0 } = error ?? {};
      const what = error === undefined ? 'a value is expected' : words(printParseErrorCode(error.error));
      return {
        ok: false,
        message: `not JSON: ${what}`,
        place: { source, start: offset, end: offset + length },
      };
    }
    return { ok: true, nodes: [convert(tree, source)] };
  } catch (error) {
    if (error instanceof RangeError) return { ok: false, ...TOO_DEEP, place: { source, start: 0, end: 0 } };
    throw error;
  }
}

function convert(node: JsonNode, source: Source): Node {
  const place = { source, start: node.offset, end: node.offset + node.length };
  const children = node.children ?? [];
  if (node.type === 'array')
    return { kind: 'list', items: children.map((item) => convert(item, source)), place };
  if (node.type === 'object') {
    const members = children.flatMap(({ children: [key, value] = [] }) =>
      key && value ? [{ name: String(key.value), value: convert(value, source) }] : [],
    );
    return objectNode(members, place);
  }
  const written = source.text.slice(place.start, place.end);
  if (node.type === 'string') return { kind: 'scalar', type: 'string', text: String(node.value), place };
  const type = node.type === 'number' || node.type === 'boolean' ? node.type : 'null';
  return { kind: 'scalar', type, text: written, place };
}

/** Converts `CloseBraceExpected` to `close brace expected`. */
function words(code: string): string {
  return code.replace(/(?<=.)[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).toLowerCase();
}
