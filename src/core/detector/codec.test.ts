import fc from 'fast-check';
import { expect, test } from 'vitest';
import { textOf } from '../../../test/support/text-row.ts';
import { parseJson } from '../expression/json.ts';
import { type Json, type Value, WholeDecimal } from '../expression/value.ts';
import { compileModel } from '../model/compile.ts';
import type { CompiledModel } from '../model/compiled.ts';
import { decodeDetector, firstExpiry, writeDetector } from './codec.ts';
import { type DetectorFields, emptyDetector } from './detector.ts';
import type { Detector } from './types.ts';

function modelOf(): CompiledModel {
  const compiled = compileModel({
    detectorModelName: 'M',
    detectorModelVersion: '1',
    key: 'id',
    detectorModelDefinition: {
      initialStateName: 'A',
      states: [
        {
          stateName: 'A',
          onInput: {
            events: [
              {
                eventName: 'e',
                condition: '$input.I.x > 0 || $input.J.x > 0 || timeout("t1")',
                actions: [
                  { setVariable: { variableName: 'a', value: '1' } },
                  { setVariable: { variableName: 'b', value: '2' } },
                  { setVariable: { variableName: 'b2', value: '3' } },
                  { setVariable: { variableName: 'b3', value: '4' } },
                ],
              },
            ],
          },
        },
        { stateName: 'state "two"\n' },
      ],
    },
  });
  if (!compiled.ok) throw new Error('does not compile');
  return compiled.model;
}

/** Delimiters of a row's parts, as values that might confuse the decoder. */
const marks = ['},[[', ']],[', ']]', '[null,', '\x1e'];

const value: fc.Arbitrary<Value> = fc.oneof(
  fc.string(),
  fc.constantFrom(...marks),
  fc.boolean(),
  fc.maxSafeInteger(),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }),
  fc.constantFrom(0.5, -1e-7, 12.25),
  fc.constantFrom(30, 0, -0, 1e21, 5e300).map((whole) => new WholeDecimal(whole)),
);

const json = fc.json().map((text): Json => {
  const parsed = parseJson(`[${text},{"w":30.0,"e":1e2}]`);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.value;
});

const model = modelOf();
const fields: fc.Arbitrary<DetectorFields> = fc.record({
  state: fc.nat(1),
  otherVariables: fc
    .dictionary(fc.stringMatching(/^[c-z][a-zA-Z0-9_]{0,5}$/), value)
    .map((record) => new Map(Object.entries(record))),
  timers: fc
    .array(
      fc.record({
        name: fc.constantFrom('t1', 'other timer', '__proto__', ...marks),
        place: fc.constant(0),
        expiresAt: fc.nat(),
        duration: fc.nat(),
        status: fc.constantFrom('RUNNING', 'EXPIRED', 'TESTED'),
      }),
      { maxLength: 3 },
    )
    .map((timers) => timers.map((timer) => ({ ...timer, place: timer.name === 't1' ? 0 : -1 }))),
  createdBy: fc.nat(),
  creationTime: fc.nat(),
  lastUpdateTime: fc.nat(),
});
/** By name. */
const held = fc.record(
  { 'I.x': json, 'J.x': json, a: value, b: value, b2: value, b3: value },
  { requiredKeys: [] },
);
const detector: fc.Arbitrary<Detector> = fc.tuple(fields, held).map(([own, values]) => {
  const made = emptyDetector(model, own);
  for (const [place, name] of model.placeNames.entries())
    made.put(place, values[name as keyof typeof values]);
  return made;
});

test('the text tells when the first timer expires', () => {
  fc.assert(
    fc.property(detector, (one) => {
      const running = one.timers.filter(({ status }) => status === 'RUNNING');
      const first = Math.min(...running.map(({ expiresAt }) => expiresAt));
      expect(firstExpiry(textOf((out) => writeDetector(model, one, out)))).toBe(first);
    }),
    { numRuns: 500 },
  );
  for (const other of ['{"state":"A"}', '[]', '["A",1]', '', '[5.5,"A"]', '[-5,"A"]', '[1e3,"A"]', '[5'])
    expect(firstExpiry(other), other).toBeUndefined();
});

test('decoding restores the encoded detector', () => {
  fc.assert(
    fc.property(detector, (before) => {
      const decoded = decodeDetector(
        model,
        textOf((out) => writeDetector(model, before, out)),
      );
      const after = (decoded as { detector: Detector }).detector;
      expect({ ...after }).toEqual({ ...before });
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['{', 'JSON'],
  ['{"state":"Gone","variables":{},"timers":[],"inputs":{}}', 'state Gone'],
  ['{"state":"A","variables":{"a":null},"timers":[],"inputs":{}}', 'variable a'],
  ['{"state":"A","variables":{},"timers":[],"inputs":{"Gone":"{}"}}', 'input Gone'],
  ['[null,"Gone",1,2,3,{},[],[]]', 'state Gone'],
  ['[null,"A",1,2,3,{"a":null},[],[]]', 'variable a'],
  ['[null,"A",1,2,3,{},[],{"I.gone":1}]', 'attribute I.gone'],
  ['[null,"A",1,2,3,{},[],["Gone"]]\x1e{}', 'input Gone'],
  ['[null,"A",1,2,3,{},[],["I"]]', 'message of input I is missing'],
  ['[null,"A",1,2,3,{},[],["I"]]\x1e{', 'message of input I is not JSON'],
])('%s is refused with the name of what is wrong', (text, message) => {
  expect(decodeDetector(model, text)).toMatchObject({
    ok: false,
    message: expect.stringContaining(message),
  });
});

const objectRow = (message: string) =>
  `{"state":"A","variables":{},"timers":[["t1",5,1,"RUNNING"]],"inputs":{"I":${message}},` +
  '"createdBy":1,"creationTime":2,"lastUpdateTime":3}';

test.each([
  ['the message', objectRow('{"w":1,"x":30.0}'), undefined],
  ['the text of the message', objectRow(JSON.stringify('{"w":1,"x":30.0}')), undefined],
  ['the message behind it', '[5,"A",1,2,3,{},[["t1",5,1,"RUNNING"]],["I"]]\x1e{"w":1,"x":30.0}', 5],
])('an earlier format with %s keeps what the model reads', (_, text, expiry) => {
  expect(firstExpiry(text)).toBe(expiry);
  const { detector: read } = decodeDetector(model, text) as { detector: Detector };
  const [[x] = []] = model.attributes;
  expect(read.at(x?.place ?? -1)).toEqual(new WholeDecimal(30));
  expect(read.timers).toEqual([{ name: 't1', place: 0, expiresAt: 5, duration: 1, status: 'RUNNING' }]);
});
