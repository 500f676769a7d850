import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expressions, scopes, styles } from '../../../test/reference/arbitraries.ts';
import { print, withoutSpans } from '../../../test/reference/print.ts';
import { evaluateReference } from '../../../test/support/reference-evaluator.ts';
import { buildScope, type ScopeData } from '../../../test/support/scope.ts';
import { compile, type Environment, inferTypes, type Node, parse, visit } from './index.ts';
import { type Outcome, typeOf } from './value.ts';

const RUNS = { numRuns: Number(process.env.TRIPLINE_FUZZ_RUNS ?? 5000) };

function evaluate(node: Node, data: ScopeData): Outcome {
  const scope = buildScope(data);
  return compile(node, scope.bindings)(scope.newScope());
}

function parsed(text: string): Node {
  const result = parse(text);
  if (result.ok) return result.node;
  throw new Error(`${result.error.message}\n${result.error.excerpt}`);
}

describe('any expression in any scope', () => {
  test('has the same outcome compiled as in the reference evaluator', () => {
    fc.assert(
      fc.property(expressions, scopes, (node, data) => {
        expect(evaluate(node, data)).toEqual(evaluateReference(node, buildScope(data).world()));
      }),
      RUNS,
    );
  });

  test('results in one of the inferred types, also with known types of references', () => {
    fc.assert(
      fc.property(expressions, scopes, (node, data) => {
        const environment: Environment = (reference) => {
          const type = typeOf(evaluate(reference, data));
          return type && [type];
        };
        const type = typeOf(evaluate(node, data));
        if (type === undefined) return;
        expect(inferTypes(node).types).toContain(type);
        expect(inferTypes(node, environment).types).toContain(type);
      }),
      RUNS,
    );
  });

  test('has a value often enough for a meaningful comparison', () => {
    const types = fc
      .sample(fc.tuple(expressions, scopes), { numRuns: 2000, seed: 1 })
      .map(([node, data]) => typeOf(evaluate(node, data)));
    for (const type of ['Integer', 'Decimal', 'String', 'Boolean', undefined]) {
      expect(types.filter((other) => other === type).length, type).toBeGreaterThan(100);
    }
  });
});

describe('any expression as text', () => {
  test('parses to the tree that it was printed from', () => {
    fc.assert(
      fc.property(expressions, styles, (node, style) => {
        expect(withoutSpans(parsed(print(node, style)))).toEqual(withoutSpans(node));
      }),
      RUNS,
    );
  });

  test("has the text of each node at the node's span", () => {
    fc.assert(
      fc.property(expressions, styles, (node, style) => {
        const text = print(node, style);
        visit(parsed(text), (part) => {
          const slice = text.slice(part.start, part.end);
          // A bare type name is an expression only as an argument of convert.
          if (part.kind === 'literal' && part.value === slice) return;
          expect(withoutSpans(parsed(slice))).toEqual(withoutSpans(part));
        });
      }),
      { numRuns: Math.ceil(RUNS.numRuns / 10) },
    );
  });
});
