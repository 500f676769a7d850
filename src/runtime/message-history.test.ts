import { expect, test } from 'vitest';
import { quietLog } from '../../test/support/quiet.ts';
import { emptyImage, type MemoryImage, openMemoryStore } from '../store/memory-store.ts';
import { type HistoryLimits, type HistoryQuery, MessageHistory } from './message-history.ts';

const START = 1_600_000_000_000;
const HOUR = 3_600_000;

/** `ahead`: milliseconds by which the wall clock is ahead of the host's time. */
async function open(limits: Partial<HistoryLimits> = {}, image: MemoryImage = emptyImage(), ahead = 0) {
  const store = openMemoryStore(image);
  const all = { maxAge: 24 * HOUR, maxBytes: 1_000_000, ...limits };
  const history = await MessageHistory.open(store, all, quietLog);
  let number = 0;
  return {
    image,
    history,
    async put(time: number, ...texts: string[]) {
      const messages = texts.map((text, index) => ({
        messageId: `${time}-${index}`,
        inputName: index % 2 === 0 ? 'I' : 'J',
        payload: { text, value: null },
      }));
      const { rows, committed } = history.rowsOf(messages, { now: time, wall: time + ahead }, number++);
      await store.commit({ rows });
      committed();
    },
    async payloads(query: HistoryQuery = {}, now = START): Promise<unknown[]> {
      const read: unknown[] = [];
      for await (const line of history.read(query, now, ahead)) read.push(JSON.parse(line).payload);
      return read;
    },
    bytes: () =>
      [...image.rows]
        .filter(([key]) => key.startsWith('history/'))
        .reduce((sum, [key, text]) => sum + key.length + Buffer.byteLength(text), 0),
  };
}

test('returns lines of one input, oldest first, from inclusive and to exclusive', async () => {
  const { put, payloads } = await open();
  await put(START, '1', '2');
  await put(START + 5, '3');
  await put(START + 5, '4', '{"inputName":"J","x":5}');
  expect(await payloads()).toEqual([1, 2, 3, 4, { inputName: 'J', x: 5 }]);
  expect(await payloads({ from: START + 5 })).toEqual([3, 4, { inputName: 'J', x: 5 }]);
  expect(await payloads({ to: START + 5 })).toEqual([1, 2]);
  expect(await payloads({ inputName: 'I' })).toEqual([1, 3, 4]);
  expect(await payloads({ inputName: 'None' })).toEqual([]);
});

test('filters by the time that the lines show, whatever the time of the host', async () => {
  for (const ahead of [-1, 1, HOUR, -HOUR]) {
    const { put, payloads } = await open({}, emptyImage(), ahead);
    await put(START, '1');
    await put(START + 5, '2');
    expect(await payloads({ to: START + ahead })).toEqual([]);
    expect(await payloads({ from: START + ahead, to: START + ahead + 5 })).toEqual([1]);
    expect(await payloads({ from: START + ahead + 1 })).toEqual([2]);
  }
});

test('a payload of several lines becomes one line, with numbers as they were written', async () => {
  const { put, history } = await open();
  await put(START, '{\r\n  "a": 30.0,\n  "b": "x\\ny"\n}');
  const lines: string[] = [];
  for await (const line of history.read({}, START)) lines.push(line);
  expect(lines).toEqual([
    `{"time":"2020-09-13T12:26:40.000Z","inputName":"I","messageId":"${START}-0",` +
      '"payload":{   "a": 30.0,   "b": "x\\ny" }}',
  ]);
});

test('past its limit the oldest messages are removed, also after a restart', async () => {
  const image = emptyImage();
  const limits = { maxBytes: 5000 };
  const first = await open(limits, image);
  for (let n = 0; n < 100; n++) await first.put(START + n, `"${'x'.repeat(100)}${n}"`);
  await first.history.close();
  expect(first.bytes()).toBeLessThanOrEqual(5000);
  expect(first.bytes()).toBeGreaterThan(4000);
  const again = await open(limits, image);
  for (let n = 100; n < 200; n++) await again.put(START + n, `"é${n}"`);
  await again.history.close();
  expect(again.bytes()).toBeLessThanOrEqual(5000);
  expect(image.rows.get('history-bytes')).toBe(String(again.bytes()));
  const left = await again.payloads();
  expect(left.at(-1)).toBe('é199');
});

test('expired messages are not returned, and are removed with the next messages', async () => {
  const { put, payloads, history, image } = await open({ maxAge: HOUR });
  await put(START, '"old"');
  expect(await payloads({}, START + HOUR)).toEqual(['old']);
  expect(await payloads({}, START + HOUR + 1)).toEqual([]);
  await put(START + 3 * HOUR, '"new"');
  await history.close();
  expect([...image.rows.keys()].filter((key) => key.startsWith('history/'))).toHaveLength(1);
});
