export { isPlain, renderJson } from './json.ts';
export { type Message, Payload } from './message.ts';
export { SQL_VERSIONS, type SqlVersion } from './numbers.ts';
export type { Scope } from './scope.ts';
export { describeError, type SqlError } from './sql-error.ts';
export { type Clause, type CompiledStatement, compileStatement, type Evaluation } from './statement.ts';
export { type CompiledTemplate, compileTemplate } from './template.ts';
export { matchesFilter } from './topic-filter.ts';
export { Binary, isArray, isObject, type Outcome, typeOf } from './value.ts';
