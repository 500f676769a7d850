import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type DetectorModelRequest, prepareModel } from '../../../src/simulate/models.ts';
import { Session } from '../../../src/simulate/session/session.ts';
import { playMessages, readMessages } from './message-files.ts';

const MODEL = new URL('../../../examples/pump-station/pump-pressure.json', import.meta.url);
const START = Date.parse('2026-01-01T00:00:00Z');

function newSession(): Session {
  const prepared = prepareModel(JSON.parse(readFileSync(MODEL, 'utf8')) as DetectorModelRequest);
  if (!prepared.ok) throw new Error(JSON.stringify(prepared.problems));
  return new Session([prepared.model], START);
}

async function play(name: string, text: string, session = newSession()) {
  const read = await readMessages(new File([text], name), 'PumpPressure', []);
  playMessages(session, read.messages, read.hasTimes);
  const seen = session.moments.flatMap((moment) =>
    moment.kind === 'evaluation'
      ? [`${(moment.time - START) / 1000} ${moment.after.keyValue} ${moment.after.state}`]
      : [],
  );
  return { read, seen };
}

test('lines without times come a second apart', async () => {
  const text = '{"pumpId":"a","sensor":{"pressure":7}}\n\n{"pumpId":"a","sensor":{"pressure":9}}\n';
  expect((await play('m.ndjson', text)).seen).toEqual(['0 a Normal', '1 a Overpressure']);
});

test('times that have passed are kept as distances', async () => {
  const text = [
    '{"time":"2020-05-05T10:00:30Z","inputName":"PumpPressure","payload":{"pumpId":"a","sensor":{"pressure":9}}}',
    '{"time":"2020-05-05T10:00:00Z","inputName":"PumpPressure","payload":{"pumpId":"a","sensor":{"pressure":7}}}',
  ].join('\n');
  expect((await play('m.jsonl', text)).seen).toEqual(['0 a Normal', '30 a Overpressure']);
});

test('a table is read as the commands read it', async () => {
  const text = '\uFEFFtime,pumpId,sensor.pressure\n2026-01-01T00:01:00Z,a,7\n2026-01-01T00:02:00Z,"a",9.0\n';
  const { read, seen } = await play('m.csv', text);
  expect(read.messages.map((message) => message.kind === 'message' && message.text)).toEqual([
    '{"pumpId":"a","sensor":{"pressure":7}}',
    '{"pumpId":"a","sensor":{"pressure":9.0}}',
  ]);
  expect(seen).toEqual(['60 a Normal', '120 a Overpressure']);
});

test('what an operator does is played where alarm models are simulated', async () => {
  const lines = [
    '{"time":"2026-01-01T00:00:05Z","alarm":{"action":"snooze","keyValue":"a","snoozeDuration":60}}',
    '{"time":"2026-01-01T00:00:06Z","alarm":{"action":"reset","alarmModelName":"Other"}}',
  ];
  const file = new File([lines.join('\n')], 'm.ndjson');
  const read = await readMessages(file, undefined, ['Hot']);
  const action = { actionName: 'SNOOZE', snoozeDuration: 60 };
  expect(read.messages).toEqual([
    { time: START + 5000, kind: 'operator', alarmModelName: 'Hot', keyValue: 'a', action },
  ]);
  expect(read.faults).toEqual(['line 2: There is no alarm model Other']);
  const session = newSession();
  playMessages(session, read.messages, read.hasTimes);
  expect(session.moves.at(-1)).toEqual({ kind: 'operate', alarmModelName: 'Hot', keyValue: 'a', action });
});

test('what is no message is named with its place', async () => {
  const { read } = await play('m.ndjson', '{"pumpId":"a"}\nnot JSON\n{"alarm":{"action":"reset"}}');
  expect(read.messages).toHaveLength(1);
  expect(read.faults).toEqual([
    expect.stringMatching(/^line 2: It is not JSON/),
    'line 3: It is for an alarm, and no alarm model is simulated here',
  ]);
  await expect(readMessages(new File([''], 'm.txt'), undefined, [])).rejects.toThrow('no file of messages');
});
