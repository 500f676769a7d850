import type { Item, Node, Query, Selection } from '../../src/ingest/sql/ast.ts';
import { Budget } from '../../src/ingest/sql/budget.ts';
import { FUNCTIONS } from '../../src/ingest/sql/functions/index.ts';
import { renderJson } from '../../src/ingest/sql/json.ts';
import type { Message } from '../../src/ingest/sql/message.ts';
import { decimals, numberText, readNumber, type SqlVersion } from '../../src/ingest/sql/numbers.ts';
import { parseStatement } from '../../src/ingest/sql/parser.ts';
import { Binary, Decimal, newObject, type Outcome, typeOf, type Value } from '../../src/ingest/sql/value.ts';

/**
 * AWS IoT SQL by walking the tree, slow and as close as possible to the tables of the specification
 * (docs/topic-rules.md: The SQL). The functions themselves are the product's; the conformance cases cover them.
 */
export type ReferenceResult =
  | { readonly outcome: 'message'; readonly value: Outcome }
  | { readonly outcome: 'filtered' };

export function referenceEvaluate(sql: string, version: SqlVersion, message: Message): ReferenceResult {
  const parsed = parseStatement(sql);
  if (!parsed.ok) throw new Error(parsed.error.message);
  const { assignments, selection, where } = parsed.value;
  const walker = new Walker(version, message);
  const root: Frame[] = [{ value: message.payload.value(version) }];
  for (const { name, node } of assignments) {
    const value = walker.value(node, root);
    walker.variables.set(name, value instanceof Binary ? undefined : value);
  }
  if (where !== undefined && asBoolean(walker.value(where, root)) !== true) return { outcome: 'filtered' };
  const value = walker.select(selection, root);
  const isArrayOf2015 = version === '2015-10-08' && selection.kind === 'value' && Array.isArray(value);
  return { outcome: 'message', value: isArrayOf2015 ? undefined : value };
}

/** A scope for names; the innermost is the last of a list. */
interface Frame {
  readonly value: Outcome;
  readonly alias?: string | undefined;
}

type Row = Record<string, Value>;

class Walker {
  readonly variables = new Map<string, Outcome>();
  readonly #version: SqlVersion;
  readonly #message: Message;

  constructor(version: SqlVersion, message: Message) {
    this.#version = version;
    this.#message = message;
  }

  value(node: Node, frames: readonly Frame[]): Outcome {
    const of = (child: Node) => this.value(child, frames);
    switch (node.kind) {
      case 'literal':
        return node.value;
      case 'number':
        return readNumber(node.text, this.#version);
      case 'star':
        return frames.at(-1)?.value;
      case 'name':
        return lookUp(node.name, frames);
      case 'variable':
        return this.variables.get(node.name);
      case 'member':
        return memberOf(of(node.of), node.name);
      case 'spread':
        return of(node.of);
      case 'minus':
        return this.#negative(of(node.operand));
      case 'not': {
        const operand = asBoolean(of(node.operand));
        return operand === undefined ? undefined : !operand;
      }
      case 'binary':
        return this.#binary(node.operator, of(node.left), of(node.right));
      case 'call': {
        const definition = FUNCTIONS[node.name];
        if (definition === undefined) throw new Error(node.name);
        const [fewest, most] = definition.arity;
        if (node.args.length < fewest || node.args.length > most) return undefined;
        const args = node.args.map(of);
        const isPayload = node.name === 'encode' && node.args[0]?.kind === 'star' && frames.length === 1;
        if (isPayload) args[0] = new Binary(this.#message.payload.bytes);
        return definition.evaluate(args, {
          version: this.#version,
          toDecimal: decimals(this.#version),
          message: this.#message,
          budget: new Budget(1e9),
          variables: this.variables,
        });
      }
      case 'cast':
        return this.#cast(node.type, of(node.operand));
      case 'case': {
        const subject = of(node.subject);
        if (subject === undefined) return undefined;
        for (const { when, then } of node.branches) if (isEqual(subject, of(when)) === true) return of(then);
        return node.otherwise && of(node.otherwise);
      }
      case 'exists': {
        const found = this.#query(node.query, frames);
        return found !== undefined && !(Array.isArray(found) && found.length === 0);
      }
      case 'array':
        return node.items.map(of).filter((item) => item !== undefined);
      case 'object': {
        const row: Row = newObject();
        for (const { name, value } of node.members) {
          const given = of(value);
          if (given !== undefined) row[name] = given;
        }
        return row;
      }
      case 'query':
        return this.#query(node.query, frames);
    }
  }

  select(selection: Selection, frames: readonly Frame[]): Outcome {
    if (selection.kind === 'value') return this.value(selection.node, frames);
    const { items } = selection;
    const [only] = items;
    const alone = items.length === 1 && only?.alias === undefined && only?.node;
    if (alone && (alone.kind === 'star' || alone.kind === 'object')) return this.value(alone, frames);
    const row: Row = newObject();
    const isSpread = ({ node, alias }: Item) =>
      alias === undefined && (node.kind === 'star' || node.kind === 'spread');
    for (const item of [...items.filter(isSpread), ...items.filter((each) => !isSpread(each))]) {
      const value = this.value(item.node, frames);
      if (value === undefined) continue;
      const isMerged = isSpread(item) || (item.alias === undefined && item.node.kind === 'object');
      if (!isMerged) put(row, [...(item.alias ?? [nameOf(item.node)])], value);
      else if (typeOf(value) === 'Object')
        for (const [name, each] of Object.entries(value as Row)) row[name] = each;
    }
    return row;
  }

  #query({ source, alias, where, selection }: Query, frames: readonly Frame[]): Outcome {
    const from = this.value(source, frames);
    const isArray = Array.isArray(from);
    if (!isArray && typeOf(from) !== 'Object') return undefined;
    const results = (isArray ? from : [from]).flatMap((value: Value) => {
      const inner = [...frames, { value, alias }];
      if (where !== undefined && asBoolean(this.value(where, inner)) !== true) return [];
      const result = this.select(selection, inner);
      return result === undefined ? [] : [{ result }];
    });
    const values = results.map(({ result }) => result);
    return isArray || source.kind === 'star' ? values : values[0];
  }

  #binary(operator: string, left: Outcome, right: Outcome): Outcome {
    switch (operator) {
      case 'AND':
      case 'OR': {
        const [a, b] = [asBoolean(left), asBoolean(right)];
        if (a === undefined || b === undefined) return undefined;
        return operator === 'AND' ? a && b : a || b;
      }
      case '=':
        return isEqual(left, right);
      case '<>': {
        const same = isEqual(left, right);
        return same === undefined ? undefined : !same;
      }
      case 'IN':
        if (left === undefined || !Array.isArray(right)) return undefined;
        return right.some((item: Value) => isEqual(left, item) === true);
      case '+':
        if (typeOf(left) === 'String' || typeOf(right) === 'String') {
          const [a, b] = [asText(left), asText(right)];
          return a === undefined || b === undefined ? undefined : a + b;
        }
        return isNumeric(left) && isNumeric(right) ? this.#arithmetic('+', left, right) : undefined;
      case '<':
      case '<=':
      case '>':
      case '>=': {
        const [a, b] = [this.#number(left), this.#number(right)];
        if (a === undefined || b === undefined) return undefined;
        const order = compare(a, b);
        if (operator === '<') return order < 0;
        if (operator === '<=') return order <= 0;
        return operator === '>' ? order > 0 : order >= 0;
      }
      default:
        return this.#arithmetic(operator, left, right);
    }
  }

  #number(value: Outcome): Value | undefined {
    if (isNumeric(value)) return value;
    const isText = typeof value === 'string' && /^-?\d+(\.\d+)?([eE]-?\d+)?$/.test(value);
    if (!isText) return undefined;
    // A text becomes a Decimal, which only 2015-10-08 tells from an Int.
    const isDecimal = this.#version !== '2015-10-08' || /[.e]/i.test(value);
    return readNumber(isDecimal ? value : `${value}.0`, this.#version);
  }

  #negative(value: Outcome): Outcome {
    const number = this.#number(value);
    if (!(number instanceof Decimal) || number.double === 0) return this.#arithmetic('-', 0, number);
    return new Decimal(`-${number.text}`.replace('--', ''), -number.double);
  }

  #arithmetic(operator: string, left: Outcome, right: Outcome): Outcome {
    const [a, b] = [this.#number(left), this.#number(right)];
    if (a === undefined || b === undefined) return undefined;
    const toDecimal = decimals(this.#version);
    if (typeOf(a) !== 'Int' || typeOf(b) !== 'Int') {
      const [x, y] = [double(a), double(b)];
      if (operator === '/' && y === 0) return undefined;
      const results: Record<string, number> = { '+': x + y, '-': x - y, '*': x * y, '/': x / y, '%': x % y };
      return toDecimal(results[operator] ?? Number.NaN);
    }
    const [x, y] = [BigInt(a as number), BigInt(b as number)];
    if ((operator === '/' || operator === '%') && y === 0n) return undefined;
    if (operator === '/' && x % y !== 0n) return toDecimal(Number(x) / Number(y));
    const results: Record<string, () => bigint> = {
      '+': () => x + y,
      '-': () => x - y,
      '*': () => x * y,
      '/': () => x / y,
      '%': () => x % y,
    };
    const exact = results[operator]?.() ?? 0n;
    if (String(exact).replace('-', '').length > 34) return undefined;
    return Number.isSafeInteger(Number(exact)) ? Number(exact) : exact;
  }

  #cast(type: string, value: Outcome): Outcome {
    if (type === 'String') return asText(value);
    if (type === 'Boolean') return isNumeric(value) ? double(value) !== 0 : asBoolean(value);
    const number = this.#number(typeof value === 'boolean' ? Number(value) : value);
    if (number === undefined) return undefined;
    const toDecimal = decimals(this.#version);
    if (type !== 'Int') return typeof value === 'boolean' ? toDecimal(double(number)) : number;
    if (typeOf(number) === 'Int') return number;
    const whole = number instanceof Decimal ? /^(-?\d+)\.0+$/.exec(number.text)?.[1] : undefined;
    if (whole !== undefined && whole.length <= 34) return readNumber(whole, this.#version);
    const floor = Math.floor(double(number));
    if (!Number.isFinite(floor) || String(BigInt(floor)).replace('-', '').length > 34) return undefined;
    return Number.isSafeInteger(floor) ? floor + 0 : BigInt(floor);
  }
}

function lookUp(name: string, frames: readonly Frame[]): Outcome {
  for (const { value, alias } of frames.toReversed()) {
    if (alias === name) return value;
    if (typeOf(value) === 'Object' && Object.keys(value as Row).includes(name)) return (value as Row)[name];
  }
  return undefined;
}

function memberOf(value: Outcome, name: string): Outcome {
  return typeOf(value) === 'Object' && Object.keys(value as Row).includes(name)
    ? (value as Row)[name]
    : undefined;
}

function nameOf(node: Node): string {
  return node.kind === 'cast' ? 'cast' : (node as { readonly name: string }).name;
}

function put(row: Row, [name = '', ...rest]: readonly string[], value: Value): void {
  if (rest.length === 0) {
    row[name] = value;
    return;
  }
  const inner: Row = newObject();
  const there = row[name];
  if (typeOf(there) === 'Object') for (const [key, each] of Object.entries(there as Row)) inner[key] = each;
  row[name] = inner;
  put(inner, rest, value);
}

function isNumeric(value: Outcome): value is number | bigint | Decimal {
  return ['Int', 'Decimal'].includes(typeOf(value));
}

function double(value: Value): number {
  return value instanceof Decimal ? value.double : Number(value);
}

function compare(left: Value, right: Value): number {
  const [a, b] = [left, right].map((each) => (each instanceof Decimal ? each.double : (each as number)));
  if ((a as number) < (b as number)) return -1;
  return (a as number) > (b as number) ? 1 : 0;
}

function asBoolean(value: Outcome): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string') return undefined;
  if (/^true$/i.test(value)) return true;
  return /^false$/i.test(value) ? false : undefined;
}

function asText(value: Outcome): string | undefined {
  switch (typeOf(value)) {
    case 'Undefined':
    case 'Null':
    case 'Binary':
      return undefined;
    case 'String':
      return value as string;
    case 'Int':
    case 'Decimal':
      return numberText(value as number);
    case 'Boolean':
      return value === true ? 'true' : 'false';
    default:
      return renderJson(value as Value);
  }
}

function isEqual(left: Outcome, right: Outcome): boolean | undefined {
  if (left === undefined || right === undefined) return undefined;
  if (isNumeric(left) && isNumeric(right)) return compare(left, right) === 0;
  if (typeOf(left) !== typeOf(right)) return false;
  if (Array.isArray(left) && Array.isArray(right))
    return (
      left.length === right.length && left.every((item: Value, index) => isEqual(item, right[index]) === true)
    );
  if (typeOf(left) === 'Object') {
    const [a, b] = [left as Row, right as Row];
    const names = Object.keys(a).sort();
    if (names.join('\n') !== Object.keys(b).sort().join('\n')) return false;
    return names.every((name) => isEqual(a[name], b[name]) === true);
  }
  return left === right;
}
