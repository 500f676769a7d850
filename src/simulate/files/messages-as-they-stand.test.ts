import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ElementResult } from '../messages/element.ts';
import type { Scheduled } from '../messages/schedule.ts';
import { type PlanOptions, planMessages, type Source } from './message-plan.ts';
import { playAsTheyStand } from './messages-as-they-stand.ts';

const OPTIONS: PlanOptions = {
  timeColumn: 'time',
  timePath: undefined,
  start: undefined,
  interval: 5,
  inputName: 'I',
  alarmModelName: undefined,
  alarmModelNames: [],
};

/** An element, invalid if the time is null. */
function element(time: number | undefined | null, messageId: string): ElementResult {
  if (time === null) return { ok: false, message: 'It is not JSON' };
  const none = { inputName: undefined, isCaused: false };
  return { ok: true, element: { kind: 'message', time, messageId, payload: '{}', ...none } };
}

type Times = readonly (number | undefined | null)[];

/** Sources of messages with the given times, which count how often they are read. */
function sourcesOf(...times: readonly Times[]) {
  const reads = { count: 0 };
  const sources = times.map((each, at): Source => {
    const located = each.map((time, index) => ({
      place: `${index}`,
      result: element(time, `${at}.${index}`),
    }));
    return {
      name: `${at}`,
      read: () => {
        reads.count++;
        // One message per piece, to test the boundaries of pieces.
        return located.map((one) => [one]);
      },
    };
  });
  return { sources, reads };
}

class Recorder {
  readonly start: number;
  readonly played: string[] = [];

  constructor(start: number) {
    this.start = start;
  }

  play(message: Scheduled): void {
    this.played.push(`${message.time} ${message.kind === 'message' ? message.messageId : ''}`);
  }
}

async function asTheyStand(sources: readonly Source[], options: PlanOptions) {
  const played = await playAsTheyStand(
    sources,
    options,
    (start) => new Recorder(start),
    () => {},
  );
  if (played === undefined) return undefined;
  const { player, count } = played;
  return { start: player.start, played: player.played, count };
}

async function planned(sources: readonly Source[], options: PlanOptions) {
  const { start, count, messages, faults } = await planMessages(sources, options);
  if (faults.length > 0) return undefined;
  const recorder = new Recorder(start);
  for await (const piece of messages()) for (const message of piece) recorder.play(message);
  return { start, played: recorder.played, count };
}

test.each<[string, readonly Times[]]>([
  ['in order', [[1, 2, 2, 9]]],
  ['in order, with some that have no time', [[1, undefined, 30, undefined]]],
  ['without times', [[undefined, undefined]]],
  ['of files one after the other', [[1, 5], [5, 6], [undefined]]],
  ['none', [[], []]],
])('messages %s are played in a single pass', async (_name, times) => {
  const { sources, reads } = sourcesOf(...times);
  const played = await asTheyStand(sources, OPTIONS);
  expect(reads.count).toBe(times.length);
  expect(played).toEqual(await planned(sources, OPTIONS));
});

test.each<[string, readonly Times[]]>([
  ['with a fault', [[1, null, 2]]],
  ['out of order', [[2, 1]]],
  ['of files that are to be merged', [[1, 5], [4]]],
  ['of which a later one tells the start', [[undefined, 7]]],
])('messages %s need a plan first', async (_name, times) => {
  expect(await asTheyStand(sourcesOf(...times).sources, OPTIONS)).toBeUndefined();
});

test('a single pass plays the same messages as the plan', async () => {
  const time = fc.oneof(
    { weight: 20, arbitrary: fc.nat(20) },
    { weight: 4, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constant(null) },
  );
  const inOrder = fc.array(time).map((times): Times => times.toSorted((a, b) => (a ?? 0) - (b ?? 0)));
  const files = fc.array(fc.oneof(fc.array(time), inOrder), { maxLength: 3 });
  const start = fc.option(fc.nat(20), { nil: undefined });
  let stood = 0;
  await fc.assert(
    fc.asyncProperty(files, start, async (times, given) => {
      const { sources } = sourcesOf(...times);
      const options = { ...OPTIONS, start: given };
      const played = await asTheyStand(sources, options);
      if (played === undefined) return;
      stood++;
      expect(played).toEqual(await planned(sources, options));
    }),
    { numRuns: 500 },
  );
  expect(stood).toBeGreaterThan(50);
});
