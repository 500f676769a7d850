import { LONGEST_TEXT } from '../../../limits.ts';
import type { Node } from '../ast.ts';
import { toNumber, toText } from '../convert.ts';
import { toDouble } from '../numbers.ts';
import type { Run } from '../run.ts';
import type { Num, Outcome } from '../value.ts';

/** A function of the language (docs/topic-rules.md: The SQL). */
export interface SqlFunction {
  /** The first SQL version that has it. */
  readonly since: '2015-10-08' | '2016-03-23';
  /** Minimum and maximum number of arguments; any other number gives Undefined. */
  readonly arity: readonly [number, number];
  readonly evaluate: (args: readonly Outcome[], run: Run) => Outcome;
  /** Checks constant arguments when a rule is created; returns the problem. */
  readonly check?: (args: readonly Node[]) => string | undefined;
  /** A warning about constant arguments for the author of the rule. */
  readonly advise?: (args: readonly Node[]) => string | undefined;
}

export type Family = Readonly<Record<string, SqlFunction>>;

export const V1 = '2015-10-08';
export const V2 = '2016-03-23';

/** A function of one number; numeric texts are converted (pattern N). */
export function ofNumber(evaluate: (number: Num, run: Run) => Outcome): SqlFunction {
  return {
    since: V1,
    arity: [1, 1],
    evaluate: ([given], run) => {
      const number = toNumber(given, run.version);
      return number === undefined ? undefined : evaluate(number, run);
    },
  };
}

/** A function of one number, computed in double precision. */
export function ofDouble(evaluate: (double: number) => number): SqlFunction {
  return ofNumber((number, { toDecimal }) => toDecimal(evaluate(toDouble(number))));
}

/** A function of two numbers (pattern NN). */
export function ofNumbers(evaluate: (a: Num, b: Num, run: Run) => Outcome): SqlFunction {
  return {
    since: V1,
    arity: [2, 2],
    evaluate: ([first, second], run) => {
      const a = toNumber(first, run.version);
      const b = toNumber(second, run.version);
      return a === undefined || b === undefined ? undefined : evaluate(a, b, run);
    },
  };
}

/** A function of texts; every argument is converted (pattern S). */
export function ofTexts(
  count: number,
  evaluate: (texts: readonly string[], run: Run) => Outcome,
  since: SqlFunction['since'] = V1,
): SqlFunction {
  return {
    since,
    arity: [count, count],
    evaluate: (args, run) => {
      const texts: string[] = [];
      for (const each of args) {
        const text = toText(each);
        if (text === undefined || !run.budget.spend(text.length / 16)) return undefined;
        texts.push(text);
      }
      return evaluate(texts, run);
    },
  };
}

/** The text as a result; Undefined when it is too long. */
export function bounded(text: string, { budget }: Run): string | undefined {
  return text.length <= LONGEST_TEXT && budget.spend(text.length / 16) ? text : undefined;
}

/** The text of a constant argument. */
export function constantText(node: Node | undefined): string | undefined {
  return node?.kind === 'literal' && typeof node.value === 'string' ? node.value : undefined;
}
