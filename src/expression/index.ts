export type { Call, Node, Reference, SitewiseReference, Step } from './ast.ts';
export { compile } from './compile.ts';
export type { ExpressionError, ExpressionErrorCode } from './expression-error.ts';
export { type Environment, type Inference, inferTypes, type TypeProblem, type Types } from './infer.ts';
export { type ParseResult, parse } from './parser.ts';
export { type Dependency, references } from './references.ts';
export type { Bindings, Evaluate, Scope } from './scope.ts';
