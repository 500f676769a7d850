import type { Dependency, ParseResult } from '../../expression/index.ts';
import type { Action } from '../definition.ts';
import type { Group } from './subject.ts';

/** An expression of a definition and its location. */
export interface ExpressionSite {
  readonly path: string;
  /** The path of the event it belongs to. */
  readonly eventPath: string;
  readonly stateName: string;
  readonly stateIndex: number;
  readonly group: Group;
  readonly eventName: string;
  readonly role: 'condition' | 'value' | 'durationExpression' | 'contentExpression' | 'parameter';
  /** The action's type, with the dotted name of the parameter in `field`. */
  readonly action?: keyof Action;
  /** The action itself. */
  readonly actionDefinition?: Action;
  readonly field: string;
  /** For the value of setVariable: the variable being set. */
  readonly variableName?: string;
  readonly text: string;
  readonly result: ParseResult;
  /** What the expression refers to; empty when it does not parse. */
  readonly references: readonly Dependency[];
}
