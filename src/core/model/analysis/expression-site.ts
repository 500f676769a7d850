import type { Dependency, ParseResult } from '../../expression/index.ts';
import type { Action } from '../definition.ts';
import type { Group } from './subject.ts';

/** An expression of a definition, and where it stands. */
export interface ExpressionSite {
  readonly path: string;
  /** The path of the event that it belongs to. */
  readonly eventPath: string;
  readonly stateName: string;
  readonly stateIndex: number;
  readonly group: Group;
  readonly eventName: string;
  readonly role: 'condition' | 'value' | 'durationExpression' | 'contentExpression' | 'parameter';
  /** The action's type, and the parameter's dotted name. */
  readonly action?: keyof Action;
  /** The action itself. */
  readonly actionDefinition?: Action;
  readonly field: string;
  /** For the value of setVariable: what is set. */
  readonly variableName?: string;
  readonly text: string;
  readonly result: ParseResult;
  /** What it refers to; empty when it does not parse. */
  readonly references: readonly Dependency[];
}
