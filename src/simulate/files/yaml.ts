import { type Alias, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { parseNumber } from '../../core/expression/json.ts';
import { decimal, type Json, shrink } from '../../core/expression/value.ts';

export type YamlResult =
  | {
      readonly ok: true;
      /** Numbers keep their type: 10 is an Integer, 10.0 a Decimal. */
      readonly value: Json;
      /** The line of a member, from 1, or of the nearest enclosing member that is in the text. */
      readonly lineOf: (path: readonly (string | number)[]) => number;
    }
  | { readonly ok: false; readonly message: string; readonly line: number };

/** Parses YAML or JSON. */
export function parseYaml(text: string): YamlResult {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined)
    return { ok: false, message: error.message, line: lines.linePos(error.pos[0]).line };
  const lineOf = (path: readonly (string | number)[]): number => {
    for (let length = path.length; length > 0; length--) {
      const node = document.getIn(path.slice(0, length), true) as Node | undefined;
      if (node?.range) return lines.linePos(node.range[0]).line;
    }
    return 1;
  };
  try {
    return { ok: true, value: convert(document.contents, (alias) => alias.resolve(document)), lineOf };
  } catch (failure) {
    if (failure instanceof UnfitError) return { ok: false, message: failure.message, line: 1 };
    throw failure;
  }
}

/** Valid YAML that JSON cannot represent. */
class UnfitError extends Error {}

const DEEPEST = 100;

function convert(node: unknown, resolve: (alias: Alias) => unknown, depth = 0): Json {
  if (depth > DEEPEST) throw new UnfitError(`It is nested more than ${DEEPEST} levels deep`);
  if (isAlias(node)) return convert(resolve(node), resolve, depth + 1);
  if (isSeq(node)) return node.items.map((item) => convert(item, resolve, depth + 1));
  if (isMap(node)) {
    return Object.fromEntries(
      node.items.map(({ key, value }) => {
        return [String(isScalar(key) ? (key.source ?? key.value) : key), convert(value, resolve, depth + 1)];
      }),
    );
  }
  return isScalar(node) ? scalar(node.value, node.source) : null;
}

function scalar(value: unknown, source: string | undefined): Json {
  if (typeof value === 'number' || typeof value === 'bigint') return number(value, source ?? String(value));
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  return value === null || value === undefined ? null : String(value);
}

/**
 * Parses the source text if it is a JSON number; otherwise an integer becomes an Integer and anything else a Decimal.
 */
function number(value: number | bigint, source: string): Json {
  const literal = source.replace(/^\+/, '');
  const exact = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(literal) ? parseNumber(literal) : undefined;
  if (exact !== undefined) return exact;
  if (typeof value === 'bigint') return shrink(value);
  if (Number.isSafeInteger(value) && !/[.eE]/.test(literal)) return value;
  const whole = decimal(value);
  if (whole === undefined) throw new UnfitError(`${source} is not a number that JSON has`);
  return whole;
}
