import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DATA_MISSING, SHARED } from '../corpus/corpus.ts';
import { runCli } from '../support/run-cli.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tripline-backtest-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const TOPIC = 'arn:aws:sns:us-east-1:000000000000:machine';

/** In alarm below a threshold, clear above 75, with its own payload or the default one. */
function machine(name: string, threshold: string, payload?: string) {
  const sns = {
    targetArn: TOPIC,
    ...(payload && { payload: { contentExpression: payload, type: 'STRING' } }),
  };
  return {
    detectorModelName: name,
    key: 'id',
    roleArn: 'arn:aws:iam::000000000000:role/Machine',
    detectorModelDefinition: {
      initialStateName: 'Normal',
      states: [
        {
          stateName: 'Normal',
          onInput: {
            transitionEvents: [
              {
                eventName: 'cold',
                condition: `$input.Machine.value < ${threshold}`,
                nextState: 'Alarm',
                actions: [{ sns }, { setTimer: { timerName: 'again', seconds: 600 } }],
              },
            ],
          },
        },
        {
          stateName: 'Alarm',
          onInput: {
            events: [{ eventName: 'remind', condition: 'timeout("again")', actions: [{ sns }] }],
            transitionEvents: [
              {
                eventName: 'warm',
                condition: '$input.Machine.value > 75',
                nextState: 'Normal',
                actions: [{ clearTimer: { timerName: 'again' } }],
              },
            ],
          },
        },
      ],
    },
  };
}

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

async function compare(old: object, other: object, messages: string, ...flags: string[]) {
  const paths = [file('old.json', old), file('new.json', other)];
  const result = await runCli(
    'backtest',
    ...paths,
    '--messages',
    file('m.csv', messages),
    '--json',
    ...flags,
  );
  return { ...result, report: result.out === '' ? undefined : JSON.parse(result.out) };
}

const READINGS = `id,time,value
a,2026-01-01T00:00:00Z,80
a,2026-01-01T00:01:00Z,37
b,2026-01-01T00:02:00Z,20
a,2026-01-01T00:03:00Z,80
`;

test('the same model twice does the same, whatever its name', async () => {
  const { code, report } = await compare(
    machine('M1', '35'),
    machine('M2', '35'),
    READINGS,
    '--advance',
    '1h',
  );
  expect(report).toEqual({
    identical: true,
    old: { modelName: 'M1', evaluations: 5, actions: 2 },
    new: { modelName: 'M2', evaluations: 5, actions: 2 },
    messages: 4,
    keys: { total: 2, different: 0 },
    differences: [],
  });
  expect(code).toBe(0);
});

test('a threshold that moves makes stretches of other states, and actions that one side does alone', async () => {
  const { code, report } = await compare(machine('M', '35'), machine('M', '40'), READINGS, '--advance', '1h');
  expect(report.differences).toMatchObject([
    {
      kind: 'state',
      keyValue: 'a',
      from: '2026-01-01T00:01:00.000Z',
      to: '2026-01-01T00:03:00.000Z',
      old: 'Normal',
      new: 'Alarm',
    },
    {
      kind: 'action',
      keyValue: 'a',
      time: '2026-01-01T00:01:00.000Z',
      type: 'sns',
      target: TOPIC,
      new: { service: 'sns' },
    },
  ]);
  expect(report.differences[1]).not.toHaveProperty('old');
  expect(report).toMatchObject({ identical: false, keys: { total: 2, different: 1 } });
  expect(code).toBe(1);
});

test('a state that differs to the end has none, and a missing detector is null', async () => {
  const { report } = await compare(
    { ...machine('M', '35'), key: 'other' },
    machine('M', '35'),
    'id,value\na,1\n',
  );
  expect(report.differences[0]).toEqual({
    kind: 'state',
    keyValue: 'a',
    from: '2025-01-01T00:00:00.000Z',
    old: null,
    new: 'Alarm',
  });
});

test('what is different within one instant only is no difference of states', async () => {
  const { report } = await compare(machine('M', '35'), machine('M', '40'), 'id,value\na,37\na,80\n');
  expect(report.differences.map(({ kind }: { kind: string }) => kind)).toEqual(['action']);
});

test('actions whose requests differ stand as both', async () => {
  const { report } = await compare(
    machine('M', '35', "'cold'"),
    machine('M', '35', "'too cold'"),
    READINGS,
    '--advance',
    '1h',
  );
  expect(report.differences).toHaveLength(2);
  expect(report.differences[0]).toMatchObject({
    kind: 'action',
    old: { input: { Message: 'cold' } },
    new: { input: { Message: 'too cold' } },
  });
});

test('people read both sides, and bytes are the same each time', async () => {
  const paths = [file('old.json', machine('Old', '35')), file('new.json', machine('New', '40'))];
  const flags = [...paths, '--messages', file('m.csv', READINGS)];
  const first = await runCli('backtest', ...flags);
  expect(first.out).toContain('2026-01-01T00:01:00.000Z  a  state  Normal -> Alarm  for 2 min');
  expect(first.out).toContain('4 messages. 2 differences for 1 of 2 keys.');
  expect(await runCli('backtest', ...flags)).toEqual(first);
});

test('wrong use exits with 2', async () => {
  const both = file('both.json', { detectorModels: [machine('M1', '1'), machine('M2', '2')] });
  const one = file('one.json', machine('M1', '1'));
  expect(await runCli('backtest', both, one)).toMatchObject({
    code: 2,
    err: expect.stringContaining('--model'),
  });
  expect(await runCli('backtest', one, one, '--model', 'M3')).toMatchObject({ code: 2 });
  expect(await runCli('backtest', join(folder, 'absent.json'), one)).toMatchObject({ code: 2 });
  expect((await runCli('backtest', both, one, '--model', 'M1')).code).toBe(0);
});

describe.skipIf(DATA_MISSING)('the machine temperature series (skipped where the data is absent)', () => {
  test('lists exactly the alarms in which two thresholds differ', async () => {
    const messages = fileURLToPath(new URL('data/machine_temperature.csv', SHARED));
    const models = [35, 40].map((threshold) => {
      const { key: _, ...model } = machine('Machine', threshold.toFixed(1), "'cold'");
      return file(`${threshold}.json`, model);
    });
    const { out, code } = await runCli(
      'backtest',
      ...models,
      '--messages',
      messages,
      '--time-column',
      'timestamp',
      '--json',
    );
    const report = JSON.parse(out);
    // The slow and obvious computation: each side alone, its alarms and reminders.
    const readings = readFileSync(messages, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => {
        const [time = '', value = ''] = line.split(',');
        return { time: Date.parse(`${time.replace(' ', 'T')}Z`), value: Number(value) };
      });
    const alarmsOf = (threshold: number) => {
      const alarms: number[] = [];
      let since: number | undefined;
      let reminder = Number.POSITIVE_INFINITY;
      for (const { time, value } of readings) {
        if (reminder <= time) {
          alarms.push(reminder);
          reminder = Number.POSITIVE_INFINITY;
        }
        if (since === undefined && value < threshold) {
          since = time;
          reminder = time + 600_000;
          alarms.push(time);
        } else if (since !== undefined && value > 75) {
          since = undefined;
          reminder = Number.POSITIVE_INFINITY;
        }
      }
      return alarms;
    };
    const [old, other] = [alarmsOf(35), alarmsOf(40)] as [number[], number[]];
    const iso = (times: number[]) => times.map((time) => new Date(time).toISOString());
    const alone = (side: 'old' | 'new') =>
      report.differences
        .filter((each: Record<string, unknown>) => each.kind === 'action' && side in each)
        .map(({ time }: { time: string }) => time);
    expect(alone('old')).toEqual(iso(old.filter((time) => !other.includes(time))));
    expect(alone('new')).toEqual(iso(other.filter((time) => !old.includes(time))));
    expect(report).toMatchObject({
      messages: 22_695,
      old: { actions: old.length },
      new: { actions: other.length },
    });
    expect(code).toBe(1);
  });
});
