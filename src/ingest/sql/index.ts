export { renderJson } from './json.ts';
export { type Message, Payload } from './message.ts';
export { SQL_VERSIONS, type SqlVersion } from './numbers.ts';
export { compileStatement, type Evaluation } from './statement.ts';
export { compileTemplate } from './template.ts';
export { matchesFilter } from './topic-filter.ts';
export { Binary } from './value.ts';
