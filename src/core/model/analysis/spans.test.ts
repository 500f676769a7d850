import { expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../../limits.ts';
import type { DetectorModelDefinition } from '../definition.ts';
import { type AnalysisContext, advise, analyse, spanOfFinding } from './index.ts';

/** For each finding, the part of the expression it is about and the first words of its message. */
function parts(condition: string, value = '1'): string[] {
  const definition: DetectorModelDefinition = {
    initialStateName: 'S',
    states: [
      {
        stateName: 'S',
        onInput: {
          events: [
            {
              eventName: 'e',
              condition,
              actions: [{ setVariable: { variableName: 'count', value } }],
            },
          ],
        },
      },
    ],
  };
  const context: AnalysisContext = {
    limits: DEFAULT_LIMITS,
    hasInput: (name) => name === 'I',
    attributesOf: (name) => (name === 'I' ? ['a'] : undefined),
  };
  return [...analyse(definition, context), ...advise(definition, context)].flatMap((finding) => {
    const span = spanOfFinding(finding);
    if (span === undefined) return [];
    const text = span.field === 'condition' ? condition : value;
    return [`${finding.level} ${span.field}: ${text.slice(span.start, span.end)}`];
  });
}

test.each([
  ['$input.I.a > > 1', 'ERROR condition: >'],
  ['$input.J.a > 1', 'ERROR condition: $input.J.a'],
  ['currentInput("J")', 'ERROR condition: currentInput("J")'],
  ['$input.I.a > 1 && $variable.cuont == 1', 'ERROR condition: $variable.cuont'],
  ['$input.I.a > 1 && timeout("never")', 'ERROR condition: timeout("never")'],
  ["$input.I.a > 1 || (true + 'x' == 1)", "ERROR condition: true + 'x'"],
  ['$input.I.b > 1', 'WARNING condition: $input.I.b'],
  ['$input.I.a + 1', 'ERROR condition: $input.I.a + 1'],
])('%s', (condition, expected) => {
  expect(parts(condition)).toContain(expected);
});

test('the span of a parameter names its field', () => {
  expect(parts('$input.I.a > 1', '1 +')).toEqual(['ERROR value: ']);
});

test('a finding about the whole model has no span', () => {
  expect(parts('true')).toEqual([]);
});
