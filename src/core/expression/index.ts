export {
  type BinaryOperator,
  type Call,
  type Node,
  type Reference,
  type SitewiseReference,
  type Span,
  type Step,
  type UnaryOperator,
  type VariableReference,
  visit,
} from './ast.ts';
export { compile } from './compile.ts';
export { type Explain, type Explained, explain } from './explain.ts';
export type { ExpressionError, ExpressionErrorCode } from './expression-error.ts';
export { FUNCTIONS, type FunctionName } from './functions.ts';
export {
  type Environment,
  type Inference,
  inferTypes,
  type TypeProblem,
  type Types,
  type Use,
} from './infer.ts';
export { nearest } from './nearest.ts';
export { type ParseResult, parse } from './parser.ts';
export { type Dependency, isConstant, nameArgument, references } from './references.ts';
export { type Bindings, EMPTY_SCOPE, type Evaluate, NO_BINDINGS, type Scope } from './scope.ts';
