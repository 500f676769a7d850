import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compile, inferTypes, parse } from '../src/expression/index.ts';
import { typeOf } from '../src/expression/value.ts';
import { expressionText, scopeData } from './support/generated-expressions.ts';
import { evaluateReference } from './support/reference-evaluator.ts';
import { buildScope } from './support/scope.ts';

const RUNS = Number(process.env.TRIPLINE_FUZZ_RUNS ?? 5000);

test(`closures and the reference evaluator agree on ${RUNS} generated expressions`, () => {
  const outcomes = new Map<string, number>();
  fc.assert(
    fc.property(expressionText, scopeData, (text, data) => {
      const parsed = parse(text);
      if (!parsed.ok) {
        // Generated texts are well-formed; only size may end them.
        expect(['TOO_DEEP', 'TOO_LONG', 'TOO_MANY_NODES']).toContain(parsed.error.code);
        return;
      }
      const scope = buildScope(data);
      const evaluate = compile(parsed.node, scope.bindings);
      const outcome = evaluate(scope.newScope());
      expect(outcome).toEqual(evaluateReference(parsed.node, scope.world()));
      const type = typeOf(outcome);
      // What an expression results in is among the types that were inferred for it.
      if (type !== undefined) expect(inferTypes(parsed.node).types).toContain(type);
      outcomes.set(type ?? 'none', (outcomes.get(type ?? 'none') ?? 0) + 1);
    }),
    { numRuns: RUNS },
  );
  // The generator must reach every kind of outcome, or agreement means little.
  for (const type of ['Integer', 'Decimal', 'String', 'Boolean', 'none']) {
    expect(outcomes.get(type) ?? 0, type).toBeGreaterThan(RUNS / 100);
  }
});

test('no text makes the parser throw, and every error points into its text', () => {
  const soup = fc
    .array(
      fc.constantFrom(
        '$input',
        '.a',
        '`',
        "'",
        '"',
        '${',
        '}',
        '(',
        ')',
        '[',
        ']',
        '1',
        '.',
        '&&',
        '!',
        '-',
        ' ',
        '\n',
        'timeout',
        '\\',
        'true',
        ',',
        '\u{1f600}',
      ),
      { maxLength: 40 },
    )
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), soup), (text) => {
      const parsed = parse(text);
      if (parsed.ok) return;
      const { start, end, excerpt, message } = parsed.error;
      expect(start).toBeGreaterThanOrEqual(0);
      expect(end).toBeGreaterThanOrEqual(start);
      expect(end).toBeLessThanOrEqual(text.length);
      expect(excerpt).toMatch(/\^/);
      expect(message).not.toBe('');
    }),
    { numRuns: RUNS },
  );
});
