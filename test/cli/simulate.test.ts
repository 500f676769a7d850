import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCli } from '../support/run-cli.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tripline-simulate-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const PUMP = fileURLToPath(new URL('../../examples/pump-station/pump-pressure.json', import.meta.url));

/** Counts readings of an input for each sensor. */
const COUNTER = {
  detectorModelName: 'Counter',
  key: 'id',
  roleArn: 'arn:aws:iam::000000000000:role/r',
  detectorModelDefinition: {
    initialStateName: 'S',
    states: [
      {
        stateName: 'S',
        onInput: {
          events: [
            {
              eventName: 'count',
              condition: '$input.I.v >= 0',
              actions: [{ setVariable: { variableName: 'last', value: '$input.I.v' } }],
            },
          ],
        },
      },
    ],
  },
};

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

interface Seen {
  readonly type: string;
  readonly time: string;
  readonly keyValue: string;
  readonly trigger: { readonly payload: unknown };
}

/** `key time payload` for each evaluation. */
async function simulate(...args: string[]) {
  const result = await runCli('simulate', file('counter.json', COUNTER), '--json', ...args);
  const records = result.out.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Seen]));
  const evaluations = records.filter(({ type }) => type === 'evaluation');
  const seen = evaluations.map(({ keyValue, time, trigger }) => {
    return `${keyValue} ${time.slice(11, 23)} ${JSON.stringify(trigger.payload)}`;
  });
  return { ...result, records, seen };
}

const DAY = '2026-01-01T';
const at = (time: string, id: string) => ({ inputName: 'I', time: `${DAY}${time}Z`, payload: { id, v: 1 } });
const lines = (...elements: unknown[]) => elements.map((element) => `${JSON.stringify(element)}\n`).join('');

describe('messages', () => {
  test('come in the order of their times, those of one time as they were read', async () => {
    const first = file('first.ndjson', lines(at('00:00:05', 'a'), at('00:00:01', 'b'), at('00:00:05', 'c')));
    const second = file('second.json', [at('00:00:05', 'd'), at('00:00:00.250', 'e')]);
    const { seen } = await simulate('--messages', first, '--messages', second);
    expect(seen.map((text) => text.slice(0, 14))).toEqual([
      'e 00:00:00.250',
      'b 00:00:01.000',
      'a 00:00:05.000',
      'c 00:00:05.000',
      'd 00:00:05.000',
    ]);
  });

  test('of files that are in order are merged', async () => {
    const first = file('first.ndjson', lines(at('00:00:01', 'a'), at('00:00:05', 'b')));
    const second = file('second.jsonl', lines(at('00:00:02', 'c'), at('00:00:05', 'd'), at('00:00:09', 'e')));
    const { seen } = await simulate('--messages', first, '--messages', second);
    expect(seen.map((text) => text[0])).toEqual(['a', 'c', 'b', 'd', 'e']);
  });

  test('without a time follow the latest before them', async () => {
    const bare = (id: string) => ({ payload: { id, v: 1 } });
    const path = file('m.ndjson', `\n${lines(bare('a'), at('00:01:00', 'b'), bare('c'), bare('d'))}\n`);
    const { seen } = await simulate('--messages', path, '--interval', '2s', '--message', '{"id":"e","v":1}');
    expect(seen.map((text) => text.slice(0, 14))).toEqual([
      'a 00:01:00.000',
      'b 00:01:00.000',
      'c 00:01:02.000',
      'd 00:01:04.000',
      'e 00:01:06.000',
    ]);
  });

  test('of a CSV file have nested attributes, typed cells and columns of their own', async () => {
    const path = file(
      'm.csv',
      '\uFEFFid,v,sensor.name,sensor.t,code:string,stamp,messageId,empty\n' +
        'a,30.0,"x, ""y""",-1e3,007,2026-01-01 00:00:07,m1,\n' +
        'true,1,null,12ab,true,1767225608,m2,\n',
    );
    const { out, seen } = await simulate('--messages', path, '--time-column', 'stamp');
    expect(seen).toEqual([
      'a 00:00:07.000 {"id":"a","v":30,"sensor":{"name":"x, \\"y\\"","t":-1000},"code":"007"}',
      'true 00:00:08.000 {"id":true,"v":1,"sensor":{"name":null,"t":"12ab"},"code":"true"}',
    ]);
    expect(out).toContain('"v":30.0,"sensor":{"name":"x, \\"y\\"","t":-1000.0}');
  });

  test('may be a BatchPutMessage request, payloads by themselves, or payloads as text', async () => {
    const payload = Buffer.from('{"id":"a","v":1.0}').toString('base64');
    const messages = [
      { messageId: 'm', inputName: 'I', payload, timestamp: { timeInMillis: 1767225601000 } },
    ];
    const request = file('request.json', { messages });
    const bare = file('bare.ndjson', '{"id":"b","v":2,"at":{"ms":1767225602000}}\n');
    const text = file('text.json', [{ inputName: 'I', payload: '{"id":"c","v":3}', time: 1767225603 }]);
    const flags = ['--time-path', 'at.ms', '--messages', request, '--messages', bare, '--messages', text];
    const { seen } = await simulate(...flags);
    expect(seen.map((each) => each.slice(0, 14))).toEqual([
      'a 00:00:01.000',
      'b 00:00:02.000',
      'c 00:00:03.000',
    ]);
  });

  test('may have an attribute named alarm, and cells that only begin like a number', async () => {
    const bare = file(
      'bare.ndjson',
      '{"id":"a","v":1,"alarm":true}\n{"payload":{"id":"b","v":1},"alarm":{}}\n',
    );
    const cells = file('m.csv', 'id,v,t\nc,1,5 \nd,1,01\ne,1,5\n');
    const { seen } = await simulate('--messages', bare, '--messages', cells);
    expect(seen.map((text) => text.replace(/ 00:00:00.000/, ''))).toEqual([
      'a {"id":"a","v":1,"alarm":true}',
      'b {"id":"b","v":1}',
      'c {"id":"c","v":1,"t":"5 "}',
      'd {"id":"d","v":1,"t":"01"}',
      'e {"id":"e","v":1,"t":5}',
    ]);
  });

  test('have the milliseconds of a BatchPutMessage request, however few', async () => {
    const payload = Buffer.from('{"id":"a","v":1}').toString('base64');
    const messages = [{ messageId: 'm', inputName: 'I', payload, timestamp: { timeInMillis: 1500 } }];
    const { records } = await simulate('--messages', file('request.json', { messages }));
    expect(records.map(({ time }) => time)).toEqual(Array(2).fill('1970-01-01T00:00:01.500Z'));
  });

  test('before the start are taken at the start', async () => {
    const path = file('m.ndjson', lines(at('00:00:01', 'a')));
    const { seen } = await simulate('--messages', path, '--start', '2026-01-01T00:10:00Z');
    expect(seen[0]).toMatch(/^a 00:10:00\.000/);
  });
});

describe('faults', () => {
  test('of a message file are all named, and nothing runs', async () => {
    const path = file(
      'm.ndjson',
      `${lines(at('00:00:01', 'a'))}{"payload":\n{"inputName":"I"}\n{"time":"noon","payload":{}}\n`,
    );
    const { code, out, err } = await simulate('--messages', path);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('m.ndjson, line 2: It is not JSON');
    expect(err).toContain('m.ndjson, line 3: It has no payload');
    expect(err).toContain('m.ndjson, line 4: time is not a time: "noon"');
  });

  test('of a message file leave no summary either', async () => {
    const path = file('m.ndjson', `${lines(at('00:00:01', 'a'))}{"payload":\n{"inputName":"I"}\n`);
    const { code, out, err } = await simulate('--messages', path, '--summary');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/line 2: It is not JSON.*line 3: It has no payload.*Nothing was run/s);
  });

  test('of flags about the end are told before anything happens', async () => {
    const path = file('m.ndjson', lines(at('00:00:01', 'a')));
    const { code, out } = await simulate('--messages', path, '--advance', 'soon');
    expect({ code, out }).toEqual({ code: 2, out: '' });
  });

  test.each([
    [['--messages', 'absent.json'], 'absent.json cannot be read'],
    [['--messages', PUMP.replace('pump-pressure.json', 'README.md')], 'neither .json'],
    [['--start', 'noon'], '--start noon is not a time'],
    [['--advance', 'soon'], '--advance soon is not a duration'],
    [['--advance', '1s', '--until', '2026-01-01'], 'cannot be used with'],
    [['--model', 'Other'], 'no model Other'],
    [['--parameter', 'novalue'], 'must be NAME=VALUE'],
    [['--unknown'], 'unknown option'],
  ])('of the command line exit with 2: %j', async (flags, message) => {
    const { code, out, err } = await simulate(...flags);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
  });

  test('of a model that the analysis calls an ERROR exit with 1', async () => {
    const model = structuredClone(COUNTER);
    model.detectorModelDefinition.initialStateName = 'Nowhere';
    const { code, out, err } = await runCli('simulate', file('wrong.json', model), '--json');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('Counter');
  });

  test('messages that name no input need one', async () => {
    const { code, err } = await runCli('simulate', PUMP, '--message', '{"pumpId":"P-1"}');
    expect(code).toBe(2);
    expect(err).toContain('--input-name');
  });
});

test('the clock goes on after the last message, as far as it is told', async () => {
  const { records } = await simulate('--message', '{"id":"a","v":1}', '--until', '2025-01-02');
  expect(records.at(-1)).toMatchObject({
    type: 'summary',
    time: '2025-01-02T00:00:00.000Z',
    detectorCount: 1,
  });
});

test('--until before the last message is reported, and the clock stays', async () => {
  const path = file('m.ndjson', lines(at('00:00:01', 'a')));
  const { records, err } = await simulate('--messages', path, '--until', '2025-01-01');
  expect(err).toContain('--until 2025-01-01 is before the last message');
  expect(records.at(-1)).toMatchObject({ type: 'summary', time: '2026-01-01T00:00:01.000Z' });
});

test.each([
  ['one message', lines(at('00:00:01', 'a'))],
  ['messages in order', lines(at('00:00:01', 'a'), at('00:00:02', 'b'), at('00:00:02', 'a'))],
  ['messages out of order', lines(at('00:00:03', 'a'), at('00:00:02', 'b'), at('00:00:05', 'a'))],
])('the summary alone is the last record of all: %s', async (_name, text) => {
  const path = file('m.ndjson', text);
  const { out } = await simulate('--messages', path, '--summary', '--advance', '1h');
  const all = await simulate('--messages', path, '--advance', '1h');
  expect(out.trim()).toBe(all.out.trim().split('\n').at(-1));
});

test('two runs print the same bytes, and people read what happened without colours', async () => {
  const flags = [PUMP, '--message', 'PumpPressure={"pumpId":"P-1","sensor":{"pressure":9.5}}', '--explain'];
  const first = await runCli('simulate', ...flags);
  expect(await runCli('simulate', ...flags)).toEqual(first);
  expect(first.out).toContain('PumpPressure P-1  new Normal -> Overpressure');
  expect(first.out).toContain('$input.PumpPressure.sensor.pressure > 8.0 = true');
  expect(first.out).toContain('sns Publish {"TopicArn":"arn:aws:sns:us-east-1:000000000000:PumpAlarms"');
  expect(first.out).not.toContain('\u001B');
});
