import type { FunctionName } from '../../../src/core/expression/index.ts';

export interface FunctionHelp {
  /** As it is called. */
  readonly call: string;
  readonly text: string;
}

/** What completion says about each function; the words are those of docs/reference/expressions.md, section 7. */
export const FUNCTION_HELP: Readonly<Record<FunctionName, FunctionHelp>> = {
  timeout: {
    call: 'timeout(NAME)',
    text: 'true the first time it is evaluated after the timer has expired, false afterwards.',
  },
  currentInput: {
    call: 'currentInput(NAME)',
    text: 'true when a message on that input triggered the evaluation; false for a timer.',
  },
  triggerType: {
    call: 'triggerType(KIND)',
    text: 'whether a "Message" or a "Timer" triggered the evaluation.',
  },
  convert: { call: 'convert(TYPE, VALUE)', text: 'the value as String, Decimal or Boolean.' },
  isNull: { call: 'isNull(VALUE)', text: 'true for a JSON null.' },
  isUndefined: {
    call: 'isUndefined(VALUE)',
    text: 'true for an absent attribute, a variable that was never set, and a result that does not exist.',
  },
  startsWith: { call: 'startsWith(TEXT, PART)', text: 'whether the text begins with the part.' },
  endsWith: { call: 'endsWith(TEXT, PART)', text: 'whether the text ends with the part.' },
  contains: { call: 'contains(TEXT, PART)', text: 'whether the part is anywhere in the text.' },
  bitor: { call: 'bitor(A, B)', text: 'the same as A | B.' },
  bitand: { call: 'bitand(A, B)', text: 'the same as A & B.' },
  bitxor: { call: 'bitxor(A, B)', text: 'the same as A ^ B.' },
  bitnot: { call: 'bitnot(A)', text: 'the same as ~A.' },
};
