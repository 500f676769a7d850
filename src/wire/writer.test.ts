import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sampleOutput } from '../../test/support/shape-samples.ts';
import { OPERATIONS, type Operation } from './service/table.ts';
import { compileWriter } from './writer.ts';

const operation = (name: string): Operation => {
  const found = OPERATIONS.find((each) => each.name === name);
  if (found === undefined) throw new Error(`No operation ${name}`);
  return found;
};

test.each(OPERATIONS.map((each) => [each.name, each] as const))('%s: only times change', (_name, each) => {
  const output = sampleOutput(each);
  const inSeconds = JSON.parse(JSON.stringify(output).replaceAll('1560796816077', '1560796816.077'));
  expect(compileWriter(each)(output)).toEqual(inSeconds);
});

test('a time keeps its milliseconds exactly', () => {
  const write = compileWriter(operation('DescribeInput'));
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_102_444_800_000 }), (creationTime) => {
      const text = JSON.stringify(write({ input: { inputConfiguration: { creationTime } } }));
      const [, whole = '', fraction = ''] = /"creationTime":(\d+)\.?(\d*)/.exec(text) ?? [];
      expect(`${whole}${fraction.padEnd(3, '0')}`.replace(/^0+(?=\d)/, '')).toBe(String(creationTime));
    }),
  );
});

test('a whole second has no fraction', () => {
  const write = compileWriter(operation('DescribeDetector'));
  const output = { detector: { state: { timers: [{ name: 't', timestamp: 1_557_520_454_000 }] } } };
  expect(write(output)).toEqual({
    detector: { state: { timers: [{ name: 't', timestamp: 1_557_520_454 }] } },
  });
});

test('absent members stay absent, empty lists stay lists', () => {
  const write = compileWriter(operation('ListInputs'));
  expect(JSON.stringify(write({ inputSummaries: [], nextToken: undefined }))).toBe('{"inputSummaries":[]}');
});

test('an operation without an output shape responds with an empty object', () => {
  expect(compileWriter(operation('PutLoggingOptions'))(undefined)).toEqual({});
});
