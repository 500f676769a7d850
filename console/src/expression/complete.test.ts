import { expect, test } from 'vitest';
import { TEMPLATES } from '../templates/templates.ts';
import { complete, isInText } from './complete.ts';
import { type Names, namesOf } from './names.ts';

const names: Names = {
  inputs: new Map([
    ['Pump', ['id', 'sensor.pressure', 'sensor.`flow rate`']],
    ['Door', ['open']],
  ]),
  variables: new Map([['count', ['0 by Start of Idle']]]),
  timers: new Map([['awake', ['60 seconds by Seen of Online']]]),
};

/** The options at `|`, as texts with what they replace. */
function options(text: string, isAsked = false): string[] {
  const [before = ''] = text.split('|');
  const found = complete(before, names, isAsked);
  return (found?.options ?? []).map(({ label }) => `${before.slice(0, found?.from)}${label}`);
}

test('a reference begins with a dollar', () => {
  expect(options('1 + $|')).toEqual([
    '1 + $input.',
    '1 + $variable.',
    '1 + $input.Pump',
    '1 + $input.Door',
    '1 + $variable.count',
  ]);
  expect(options('$input.|')).toEqual(['$input.Pump', '$input.Door']);
  expect(options('$input.Pump.sens|')).toEqual([
    '$input.Pump.id',
    '$input.Pump.sensor.pressure',
    '$input.Pump.sensor.`flow rate`',
  ]);
  expect(options('$input.`Door`.|')).toEqual(['$input.`Door`.open']);
  expect(options('$variable.c|')).toEqual(['$variable.count']);
});

test('names in quotes are those that the function asks about', () => {
  expect(options('timeout("|')).toEqual(['timeout("awake']);
  expect(options("currentInput('Pu|")).toEqual(["currentInput('Pump", "currentInput('Door"]);
  expect(options('triggerType("|')).toEqual(['triggerType("Message', 'triggerType("Timer']);
  expect(options('convert(|')).toEqual(['convert(String', 'convert(Decimal', 'convert(Boolean']);
});

test('a word is a function, and its documentation is there', () => {
  const found = complete('1 == 1 && time', names, false);
  expect(found?.from).toBe(10);
  expect(found?.options.find(({ label }) => label === 'timeout')).toEqual({
    label: 'timeout',
    apply: 'timeout("',
    kind: 'function',
    detail: '(NAME)',
    info: 'True the first time it is evaluated after the timer has expired, false afterwards.',
  });
});

test('nothing comes up unasked, or within a text', () => {
  expect(options('$input.Pump.id == |')).toEqual([]);
  expect(options('$input.Pump.id == |', true)).toContain('$input.Pump.id == $variable.count');
  expect(options("'Pump co|")).toEqual([]);
  expect(options("'Pump ${$variable.|")).toEqual(["'Pump ${$variable.count"]);
  expect(options('1.|')).toEqual([]);
});

test.each([
  ["'a", true],
  ["'a'", false],
  ["'it\\'s", true],
  ["'a ${", false],
  ["'a ${'b", true],
  ["'a ${1} ", true],
  ['"a\' ', true],
])('%s', (text, expected) => {
  expect(isInText(text)).toBe(expected);
});

test('a definition says where its names are set', () => {
  const heartbeat = TEMPLATES.find(({ title }) => title === 'Device heartbeat');
  const found = namesOf(heartbeat?.definition, new Map());
  expect([...found.timers.keys()]).toEqual(['awake']);
  expect(found.timers.get('awake')?.[0]).toMatch(/^60 seconds by .* of Online$/);
});
