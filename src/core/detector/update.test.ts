import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countingModel } from '../../../test/support/service.ts';
import { DEFAULT_LIMITS } from '../../limits.ts';
import { parseJson, renderJson } from '../expression/json.ts';
import { isValue, type Value } from '../expression/value.ts';
import { compileModel } from '../model/compile.ts';
import { emptyDetector } from './detector.ts';
import { updateDetector } from './update.ts';
import { NO_VARIABLES, namedVariables } from './variables.ts';

const source = { ...countingModel('M', 'I'), detectorModelVersion: '1' };
const compiled = compileModel(source);
if (!compiled.ok) throw new Error('The model compiles');
const { model } = compiled;

/** The variable after an update that gives it this text; undefined when that is refused. */
function updated(text: string): Value | undefined {
  const times = { createdBy: 1, creationTime: 1, lastUpdateTime: 1 };
  const before = emptyDetector(model, { state: 0, timers: [], otherVariables: NO_VARIABLES, ...times });
  const { initialStateName: stateName } = source.detectorModelDefinition;
  const wanted = { stateName, variables: [{ name: 'x', value: text }], timers: [] };
  const result = updateDetector(model, before, wanted, { now: 2, limits: DEFAULT_LIMITS });
  return result.ok ? new Map(namedVariables(model, result.detector)).get('x') : undefined;
}

test('a detector takes back every value as it is described', () => {
  const value = fc.oneof(
    fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
    fc.boolean().map(String),
    fc.bigInt().map(String),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((double) => JSON.stringify(double)),
    fc.constantFrom('30.0', '1e3', '"${1}"', '123456789012345680000', '-9223372036854775809'),
  );
  fc.assert(
    fc.property(value, (text) => {
      const parsed = parseJson(text);
      if (!parsed.ok || !isValue(parsed.value)) throw new Error(`${text} is a value`);
      const described = renderJson(parsed.value);
      expect(updated(described)).toEqual(parsed.value);
    }),
    { examples: [['123456789012345680000'], ['30.0'], ['"${1}"']] },
  );
});

test.each([['null'], ['[1]'], ['{}'], ['$variable.x'], ['TRUE'], ['1 2'], ['']])('%s is no value', (text) => {
  expect(updated(text)).toBeUndefined();
});

test.each([
  ["'on'", 'on'],
  ["'${1 + 1}'", '2'],
  ['-5', -5],
  ['!true', false],
])('%s is a constant expression', (text, value) => {
  expect(updated(text)).toEqual(value);
});
