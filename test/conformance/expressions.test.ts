import { describe, expect, test } from 'vitest';
import { compile, parse } from '../../src/core/expression/index.ts';
import { parseJson } from '../../src/core/expression/json.ts';
import { isValue, type Outcome, renderText, typeOf } from '../../src/core/expression/value.ts';
import { evaluateReference } from '../support/reference-evaluator.ts';
import { buildScope, type ScopeData } from '../support/scope.ts';
import { loadCases } from './cases.ts';

interface ExpressionCase {
  readonly expression: string;
  readonly spec?: string;
  readonly scope?: ScopeData;
  readonly expect: {
    readonly value?: string;
    readonly type?: string;
    readonly undefined?: true;
    readonly null?: true;
    readonly error?: 'SYNTAX';
    readonly at?: number;
  };
}

interface ExpressionFile {
  readonly feature: string;
  readonly spec: string;
  readonly scope?: ScopeData;
  readonly cases: readonly ExpressionCase[];
}

/** An outcome in the notation of the cases. */
function tell(outcome: Outcome): ExpressionCase['expect'] {
  if (outcome === null) return { null: true };
  if (!isValue(outcome)) return { undefined: true };
  return { value: renderText(outcome), type: typeOf(outcome) ?? '' };
}

for (const { feature, spec, scope, cases } of loadCases<ExpressionFile>('expressions')) {
  describe(`${feature} (${spec})`, () => {
    test.each(cases)('$expression', (each) => {
      const parsed = parse(each.expression);
      if (each.expect.error !== undefined) {
        expect(parsed).toMatchObject({ ok: false });
        if (!parsed.ok && each.expect.at !== undefined) expect(parsed.error.start).toBe(each.expect.at);
        return;
      }
      if (!parsed.ok) throw new Error(`${parsed.error.message}\n${parsed.error.excerpt}`);
      const built = buildScope({ ...scope, ...each.scope });
      expect(tell(compile(parsed.node, built.bindings)(built.newScope()))).toEqual(each.expect);
      expect(tell(evaluateReference(parsed.node, built.world()))).toEqual(each.expect);
    });
  });
}

test('the payloads of the cases are JSON', () => {
  for (const { scope } of loadCases<ExpressionFile>('expressions')) {
    for (const text of Object.values(scope?.inputs ?? {}))
      expect(text === '' || parseJson(text).ok).toBe(true);
  }
});
