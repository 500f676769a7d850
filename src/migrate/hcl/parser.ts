import type { Source } from '../node.ts';
import type { Attribute, Block, Body, Expression, ObjectMember, Template } from './ast.ts';
import { Cursor } from './cursor.ts';
import { readHeredoc } from './heredoc.ts';
import { readParts } from './template.ts';

/** Parses HCL's native syntax. Throws HclError, or RangeError if it is nested too deeply. */
export function parseHcl(source: Source): Body {
  const cursor = new Cursor(source);
  const body = readBody(cursor);
  if (!cursor.isAtEnd) cursor.fail('an attribute or a block is expected');
  return body;
}

/** Parses the text of a JSON string in Terraform: a template without escapes. */
export function parseTemplate(source: Source): Template {
  const cursor = new Cursor(source);
  const mode = { isAtEnd: (each: Cursor) => each.isAtEnd, escapes: false };
  const parts = readParts(cursor, mode, () => readExpression(cursor, true));
  return { kind: 'template', parts, place: { source, start: 0, end: source.text.length } };
}

/** Parses an expression that is the whole text. */
export function parseExpression(source: Source): Expression {
  const cursor = new Cursor(source);
  const expression = readExpression(cursor, true);
  cursor.skip(true);
  if (!cursor.isAtEnd) cursor.fail('the end of the expression is expected');
  return expression;
}

const NAME = /[\p{ID_Start}_][\p{ID_Continue}-]*/uy;

function readBody(cursor: Cursor): Body {
  const start = cursor.at;
  const items: (Attribute | Block)[] = [];
  for (cursor.skip(true); !cursor.isAtEnd && !cursor.startsWith('}'); cursor.skip(true)) {
    items.push(readItem(cursor));
    cursor.skip(false);
    if (!cursor.isAtEnd && !cursor.startsWith('}') && !cursor.startsWith('\n'))
      cursor.fail('a line break is expected');
  }
  return { items, place: cursor.placeFrom(start) };
}

function readItem(cursor: Cursor): Attribute | Block {
  const start = cursor.at;
  const name = cursor.take(NAME);
  if (name === undefined) cursor.fail('the name of an attribute or a block is expected');
  cursor.skip(false);
  if (cursor.startsWith('=') && !cursor.startsWith('==')) {
    cursor.at++;
    const value = readExpression(cursor, false);
    return { kind: 'attribute', name, value, place: cursor.placeFrom(start) };
  }
  const labels: string[] = [];
  while (!cursor.startsWith('{')) {
    const label = cursor.startsWith('"') ? plainOf(readQuoted(cursor)) : cursor.take(NAME);
    if (label === undefined) cursor.fail('=, a label or { is expected');
    labels.push(label);
    cursor.skip(false);
  }
  cursor.expect('{', 'at the start of a block');
  const body = readBody(cursor);
  cursor.expect('}', 'at the end of a block');
  return { kind: 'block', type: name, labels, body, place: cursor.placeFrom(start) };
}

function plainOf({ parts }: Template): string {
  return parts.map((part) => (part.kind === 'text' ? part.text : '')).join('');
}

/** Inside brackets, line breaks have no meaning; elsewhere they end the expression. */
function readExpression(cursor: Cursor, lineBreaks: boolean): Expression {
  cursor.skip(lineBreaks);
  const start = cursor.at;
  const condition = readBinary(cursor, lineBreaks, 0);
  cursor.skip(lineBreaks);
  if (!cursor.takeText('?')) return condition;
  const whenTrue = readExpression(cursor, lineBreaks);
  cursor.skip(lineBreaks);
  cursor.expect(':', 'in a conditional');
  const whenFalse = readExpression(cursor, lineBreaks);
  return { kind: 'conditional', condition, whenTrue, whenFalse, place: cursor.placeFrom(start) };
}

/** From lowest to highest precedence. */
const OPERATORS = [/\|\|/y, /&&/y, /==|!=/y, /<=|>=|<(?!<)|>/y, /[+-]/y, /[*/%]/y];

function readBinary(cursor: Cursor, lineBreaks: boolean, level: number): Expression {
  const operators = OPERATORS[level];
  if (operators === undefined) return readUnary(cursor, lineBreaks);
  cursor.skip(lineBreaks);
  const start = cursor.at;
  let left = readBinary(cursor, lineBreaks, level + 1);
  for (;;) {
    cursor.skip(lineBreaks);
    const operator = cursor.take(operators);
    if (operator === undefined) return left;
    const right = readBinary(cursor, lineBreaks, level + 1);
    left = { kind: 'binary', operator, left, right, place: cursor.placeFrom(start) };
  }
}

function readUnary(cursor: Cursor, lineBreaks: boolean): Expression {
  cursor.skip(lineBreaks);
  const start = cursor.at;
  const operator = cursor.take(/!(?!=)|-/y);
  if (operator === undefined) return readTraversal(cursor, lineBreaks);
  const operand = readUnary(cursor, lineBreaks);
  return { kind: 'unary', operator, operand, place: cursor.placeFrom(start) };
}

function readTraversal(cursor: Cursor, lineBreaks: boolean): Expression {
  const start = cursor.at;
  const first = readTerm(cursor);
  const steps: (string | Expression)[] = [];
  for (let end = cursor.at; ; end = cursor.at) {
    cursor.skip(lineBreaks);
    if (cursor.startsWith('.') && !cursor.startsWith('...')) {
      cursor.at++;
      const step = cursor.take(NAME) ?? cursor.take(/\d+|\*/y);
      if (step === undefined) cursor.fail('a name is expected after the dot');
      steps.push(step);
    } else if (cursor.takeText('[')) {
      cursor.skip(true);
      const star = cursor.take(/\*(?=\s*\])/y);
      steps.push(star ?? readExpression(cursor, true));
      cursor.skip(true);
      cursor.expect(']', 'after an index');
    } else {
      cursor.at = end;
      break;
    }
  }
  if (steps.length === 0) return first;
  const root = first.kind === 'traversal' && first.steps.length === 0 ? first.root : first;
  return { kind: 'traversal', root, steps, place: cursor.placeFrom(start) };
}

function readTerm(cursor: Cursor): Expression {
  const start = cursor.at;
  if (cursor.startsWith('"')) return readQuoted(cursor);
  if (cursor.startsWith('<<')) return readHeredoc(cursor, (within) => readExpression(within, true));
  if (cursor.startsWith('[')) return readTuple(cursor);
  if (cursor.startsWith('{')) return readObject(cursor);
  if (cursor.takeText('(')) {
    const expression = readExpression(cursor, true);
    cursor.skip(true);
    cursor.expect(')', 'after an expression in parentheses');
    return expression;
  }
  const number = cursor.take(/\d+(\.\d+)?([eE][+-]?\d+)?/y);
  if (number !== undefined) return { kind: 'number', text: number, place: cursor.placeFrom(start) };
  const name = cursor.take(/[\p{ID_Start}_][\p{ID_Continue}-]*(::[\p{ID_Start}_][\p{ID_Continue}-]*)*/uy);
  if (name === undefined) cursor.fail('an expression is expected');
  if (cursor.takeText('(')) return readCall(cursor, name, start);
  const place = cursor.placeFrom(start);
  if (name === 'true' || name === 'false') return { kind: 'boolean', text: name, place };
  return name === 'null'
    ? { kind: 'null', text: name, place }
    : { kind: 'traversal', root: name, steps: [], place };
}

function readQuoted(cursor: Cursor): Template {
  const start = cursor.at;
  cursor.expect('"', 'at the start of a text');
  const mode = { isAtEnd: (each: Cursor) => each.startsWith('"'), escapes: true };
  const parts = readParts(cursor, mode, () => readExpression(cursor, true));
  cursor.expect('"', 'at the end of a text');
  return { kind: 'template', parts, place: cursor.placeFrom(start) };
}

function readCall(cursor: Cursor, name: string, start: number): Expression {
  const args: Expression[] = [];
  for (cursor.skip(true); !cursor.startsWith(')'); cursor.skip(true)) {
    args.push(readExpression(cursor, true));
    cursor.skip(true);
    if (cursor.takeText('...')) {
      cursor.skip(true);
      cursor.expect(')', 'after the expanded argument');
      return { kind: 'other', place: cursor.placeFrom(start) };
    }
    if (!cursor.takeText(',')) break;
  }
  cursor.expect(')', 'after the arguments of a function');
  return { kind: 'call', name, args, place: cursor.placeFrom(start) };
}

function readTuple(cursor: Cursor): Expression {
  const start = cursor.at;
  cursor.expect('[', 'at the start of a list');
  cursor.skip(true);
  if (cursor.take(/for(?=\s)/y) !== undefined) return skipFor(cursor, start, ']');
  const items: Expression[] = [];
  for (; !cursor.startsWith(']'); cursor.skip(true)) {
    items.push(readExpression(cursor, true));
    cursor.skip(true);
    if (!cursor.takeText(',')) break;
  }
  cursor.expect(']', 'at the end of a list');
  return { kind: 'tuple', items, place: cursor.placeFrom(start) };
}

function readObject(cursor: Cursor): Expression {
  const start = cursor.at;
  cursor.expect('{', 'at the start of an object');
  cursor.skip(true);
  if (cursor.take(/for(?=\s+[\w-]+\s*(,|\sin\s))/y) !== undefined) return skipFor(cursor, start, '}');
  const members: ObjectMember[] = [];
  for (; !cursor.startsWith('}'); cursor.skip(true)) {
    members.push(readMember(cursor));
    cursor.skip(false);
    if (cursor.takeText(',') || cursor.startsWith('\n')) continue;
    cursor.skip(true);
    if (!cursor.startsWith('}')) cursor.fail('a comma or a line break is expected between members');
  }
  cursor.expect('}', 'at the end of an object');
  return { kind: 'object', members, place: cursor.placeFrom(start) };
}

function readMember(cursor: Cursor): ObjectMember {
  const start = cursor.at;
  const name = cursor.take(/[\p{ID_Start}_][\p{ID_Continue}-]*(?=\s*[=:])/uy);
  const text = name && { kind: 'text' as const, text: name, place: cursor.placeFrom(start) };
  const key: Expression = text
    ? { kind: 'template', parts: [text], place: text.place }
    : readExpression(cursor, false);
  cursor.skip(true);
  if (!cursor.takeText('=') && !cursor.takeText(':'))
    cursor.fail('= or : is expected after the name of a member');
  return { key, value: readExpression(cursor, false) };
}

/** Skips a `for` expression up to its closing bracket, taking texts and comments into account. */
function skipFor(cursor: Cursor, start: number, closing: string): Expression {
  for (cursor.skip(true); !cursor.startsWith(closing); cursor.skip(true)) {
    if (cursor.isAtEnd) cursor.fail(`${closing} is expected`);
    if (cursor.startsWith('"')) readQuoted(cursor);
    else if (cursor.take(/=>|\.\.\.|[,:?=]|in\b|if\b/y) === undefined) readExpression(cursor, true);
  }
  cursor.at++;
  return { kind: 'other', place: cursor.placeFrom(start) };
}
