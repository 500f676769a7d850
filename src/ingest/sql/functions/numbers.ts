import { toInteger, toNumber } from '../convert.ts';
import {
  bigInt,
  calculate,
  floorOf,
  intOf,
  negative,
  numberText,
  readNumber,
  toDouble,
  wholeOf,
} from '../numbers.ts';
import type { Num } from '../value.ts';
import { type Family, ofDouble, ofNumber, ofNumbers, type SqlFunction, V1 } from './function.ts';

/** Functions for numbers (docs/topic-rules.md: The SQL). */
export const NUMBER_FUNCTIONS: Family = {
  abs: ofNumber((number, { toDecimal }) => {
    const double = toDouble(number);
    return double < 0 || Object.is(double, -0) ? negative(number, toDecimal) : number;
  }),
  acos: ofDouble(Math.acos),
  asin: ofDouble(Math.asin),
  atan: ofDouble(Math.atan),
  atan2: ofNumbers((y, x, { toDecimal }) => toDecimal(Math.atan2(toDouble(y), toDouble(x)))),
  bitand: ofInts((a, b) => a & b),
  bitor: ofInts((a, b) => a | b),
  bitxor: ofInts((a, b) => a ^ b),
  bitnot: ofNumber((number) => {
    const int = floorOf(number);
    return int === undefined ? undefined : bigInt(~BigInt(int));
  }),
  ceil: whole(Math.ceil),
  cos: ofDouble(Math.cos),
  cosh: ofDouble(Math.cosh),
  exp: ofDouble(Math.exp),
  floor: whole(Math.floor),
  ln: ofDouble(Math.log),
  log: ofDouble(Math.log10),
  mod: ofNumbers((a, b, { toDecimal }) => calculate('%', a, b, toDecimal)),
  nanvl: {
    since: V1,
    arity: [2, 2],
    evaluate: ([value, otherwise]) => (value === undefined || value === null ? otherwise : value),
  },
  power: ofNumbers((a, b, { toDecimal }) => toDecimal(toDouble(a) ** toDouble(b))),
  rand: {
    since: V1,
    arity: [0, 0],
    evaluate: (_args, { message, toDecimal }) => toDecimal(message.random()),
  },
  remainder: ofNumbers((a, b, { toDecimal }) => calculate('%', a, b, toDecimal)),
  // Halves are rounded away from zero.
  round: whole((double) => Math.sign(double) * Math.round(Math.abs(double))),
  sign: ofNumber((number) => Math.sign(toDouble(number))),
  sin: ofDouble(Math.sin),
  sinh: ofDouble(Math.sinh),
  sqrt: ofDouble(Math.sqrt),
  tan: ofDouble(Math.tan),
  tanh: ofDouble(Math.tanh),
  trunc: {
    since: V1,
    arity: [2, 2],
    evaluate: ([value, places], { version }) => {
      const number = toNumber(value, version);
      const count = typeof places === 'string' ? undefined : toInteger(places, version);
      if (number === undefined || count === undefined) return undefined;
      return readNumber(cut(number, Math.min(Math.max(count, 0), 34)), version);
    },
  },
};

function ofInts(operate: (a: bigint, b: bigint) => bigint): SqlFunction {
  return ofNumbers((a, b) => {
    const [x, y] = [floorOf(a), floorOf(b)];
    return x === undefined || y === undefined ? undefined : bigInt(operate(BigInt(x), BigInt(y)));
  });
}

/** A function whose result is an Int; an Int argument is returned unchanged. */
function whole(operate: (double: number) => number): SqlFunction {
  return ofNumber((number) => wholeOf(number) ?? intOf(operate(toDouble(number))));
}

/** Truncates the decimal text, since multiplying doubles would turn 2.31 into 2.309. */
function cut(number: Num, places: number): string {
  const text = plainText(number);
  const point = text.indexOf('.');
  if (point < 0 || text.includes('E')) return text;
  const fraction = text.slice(point + 1, point + 1 + places).replace(/0+$/, '');
  const before = text.slice(0, point);
  return fraction === '' ? before : `${before}.${fraction}`;
}

/** A number without an exponent, unless it is far outside the range of doubles. */
function plainText(number: Num): string {
  const text = numberText(number);
  const [mantissa = '', exponent = ''] = text.toUpperCase().split('E');
  const shift = Number(exponent);
  if (shift === 0) return mantissa;
  // Numbers this large have no fraction to truncate, and numbers this small are only a fraction.
  if (shift > MOST_PLACES) return text;
  if (shift < -MOST_PLACES) return '0';
  return shift > 0 ? shiftRight(mantissa, shift) : shiftLeft(mantissa, -shift);
}

const MOST_PLACES = 400;

function shiftRight(mantissa: string, places: number): string {
  const [before = '', after = ''] = mantissa.split('.');
  const padded = after.padEnd(places, '0');
  return `${before}${padded.slice(0, places)}.${padded.slice(places)}`;
}

function shiftLeft(mantissa: string, places: number): string {
  const sign = mantissa.startsWith('-') ? '-' : '';
  const [before = '', after = ''] = mantissa.slice(sign.length).split('.');
  const padded = before.padStart(places + 1, '0');
  return `${sign}${padded.slice(0, -places)}.${padded.slice(-places)}${after}`;
}
