import { DEFAULT_LIMITS, type Limits } from '../../limits.ts';
import { checkSubstitution } from './check.ts';
import { Compiler } from './compile.ts';
import { toText } from './convert.ts';
import type { SqlVersion } from './numbers.ts';
import { parseSubstitution } from './parser.ts';
import type { Evaluate, Scope } from './scope.ts';
import type { SqlResult } from './sql-error.ts';

/** A compiled text with substitutions (docs/topic-rules.md: The SQL). */
export interface CompiledTemplate {
  /** Evaluates in the scope of a statement, on the original payload. Undefined becomes the empty text. */
  render(scope: Scope): string;
}

export interface TemplateOptions {
  readonly version: SqlVersion;
  /** The variables set by the rule's statement. */
  readonly variables: readonly string[];
  readonly limits?: Limits;
}

/** Each `${…}` ends at its matching brace: object literals and strings inside may contain braces too. */
export function compileTemplate(
  text: string,
  { version, variables, limits = DEFAULT_LIMITS }: TemplateOptions,
): SqlResult<CompiledTemplate> {
  const compiler = new Compiler(version);
  const parts: (string | Evaluate)[] = [];
  let at = 0;
  for (let next = text.indexOf('${'); next >= 0; next = text.indexOf('${', at)) {
    parts.push(text.slice(at, next));
    const parsed = parseSubstitution(text, next + 2, limits);
    if (!parsed.ok) return parsed;
    const error = checkSubstitution(text, parsed.value, version, variables);
    if (error !== undefined) return { ok: false, error };
    parts.push(compiler.compile(parsed.value));
    at = parsed.value.end;
  }
  parts.push(text.slice(at));
  const filled = parts.filter((part) => part !== '');
  const render = (scope: Scope): string => {
    let rendered = '';
    for (const part of filled) rendered += typeof part === 'string' ? part : (toText(part(scope)) ?? '');
    return rendered;
  };
  return { ok: true, value: { render } };
}
