import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Committed, encodeFrame, type Frame, readFrames } from './frame.ts';

/** Frames whose texts are all ASCII are read in another way. */
const commit = fc.oneof(
  commitOf(fc.string({ maxLength: 12 })),
  commitOf(fc.string({ unit: 'grapheme', maxLength: 12 })),
);
const commits = fc.array(commit, { minLength: 1, maxLength: 5 });

function commitOf(text: fc.Arbitrary<string>): fc.Arbitrary<Committed> {
  const changes = fc.array(fc.tuple(text, fc.option(text)), { maxLength: 4 });
  return fc.record<Committed>({
    dropState: fc.array(fc.record({ from: text, to: text }), { maxLength: 2 }),
    state: changes,
    rows: changes,
  });
}

function framesOf(list: readonly Committed[], first = 1, salt = 7): Buffer[] {
  return list.map((each, index) => encodeFrame(first + index, salt, each));
}

function read(bytes: Buffer): (readonly [number, Committed])[] {
  return [...readFrames(bytes)].map((frame) => [frame.number, frame.changes()] as const);
}

function numbered(list: readonly Committed[], first = 1): (readonly [number, Committed])[] {
  return list.map((each, index) => [first + index, each] as const);
}

function keysOf(frame: Frame): string[] {
  const keys: string[] = [];
  frame.eachStateKey((bytes, from, to) => keys.push(Buffer.from(bytes.subarray(from, to)).toString()));
  return keys;
}

test('frames are read back unchanged, also in front of older contents of the file', () => {
  fc.assert(
    fc.property(commits, commits, fc.nat(200), (now, before, cut) => {
      const frames = framesOf(now, 1000);
      const rest = Buffer.concat(framesOf(before, 3)).subarray(cut);
      expect(read(Buffer.concat([...frames, rest]))).toEqual(numbered(now, 1000));
    }),
  );
});

test('keys, dropped ranges and the wanted changes of state rows are read by themselves', () => {
  fc.assert(
    fc.property(commits, fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), (list, wanted) => {
      const frames = [...readFrames(Buffer.concat(framesOf(list)))];
      expect(frames.map((frame) => frame.someState((place) => wanted[place] === true))).toEqual(
        list.map(({ state }) => state.filter((_, place) => wanted[place])),
      );
      expect(frames.map((frame) => keysOf(frame))).toEqual(
        list.map(({ state }) => state.map(([key]) => key)),
      );
      expect(frames.map((frame) => frame.dropState())).toEqual(list.map(({ dropState }) => dropState));
      expect(frames.map(({ stateCount }) => stateCount)).toEqual(list.map(({ state }) => state.length));
    }),
  );
});

test('a damaged frame that is not verified throws, or has texts within its bounds', () => {
  const bounds = fc.nat(2 ** 31 - 1).map((each) => each * 2);
  let thrown = 0;
  fc.assert(
    fc.property(commit, fc.nat(20), bounds, (each, place, value) => {
      const bytes = encodeFrame(1, 7, each);
      // One of the counts, or of the lengths of texts.
      const at = 20 + 4 * place;
      if (at + 4 > bytes.length) return;
      bytes.writeUInt32LE(value, at);
      const [frame] = readFrames(bytes, Number.POSITIVE_INFINITY) as Iterable<Frame>;
      try {
        frame?.dropState();
        frame?.eachStateKey((key, from, to) => {
          expect(from).toBeLessThanOrEqual(to);
          expect(to).toBeLessThanOrEqual(key.length);
        });
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
        thrown++;
      }
    }),
    { numRuns: 1000 },
  );
  expect(thrown).toBeGreaterThan(100);
});

test('obsolete frames are read past without a look at their contents', () => {
  const frames = framesOf([1, 2, 3].map((n) => ({ dropState: [], state: [[`k${n}`, 'v']], rows: [] })));
  for (const frame of frames.slice(0, 2)) frame[frame.length - 1] = 0;
  const bytes = Buffer.concat(frames);
  expect([...readFrames(bytes, 2)].map(({ number }) => number)).toEqual([1, 2, 3]);
  expect([...readFrames(bytes, 1)].map(({ number }) => number)).toEqual([1]);
  expect([...readFrames(bytes)]).toEqual([]);
});

test('frames of another opening do not continue a journal, whatever their number', () => {
  const [commit] = [{ dropState: [], state: [['k', 'v'] as const], rows: [] }];
  const bytes = Buffer.concat([encodeFrame(1, 7, commit), encodeFrame(2, 8, commit)]);
  expect(read(bytes).map(([number]) => number)).toEqual([1]);
});

test('a frame whose number has become negative is damaged, not obsolete', () => {
  const [frame] = framesOf([{ dropState: [], state: [], rows: [] }]) as [Buffer];
  frame.writeDoubleLE(-1, 12);
  expect([...readFrames(frame)]).toEqual([]);
  expect([...readFrames(frame, 5)]).toEqual([]);
});

test('a journal that is truncated anywhere, or has a flipped bit, ends before that frame', () => {
  fc.assert(
    fc.property(commits, fc.nat(), fc.nat(7), fc.boolean(), (list, place, bit, isCut) => {
      const frames = framesOf(list);
      const bytes = Buffer.concat(frames);
      const at = place % bytes.length;
      let whole = 0;
      for (let end = 0; whole < frames.length; whole++) {
        end += (frames[whole] as Buffer).length;
        if (end > at) break;
      }
      bytes[at] = (bytes[at] as number) ^ (1 << bit);
      expect(read(isCut ? bytes.subarray(0, at) : bytes)).toEqual(numbered(list.slice(0, whole)));
    }),
  );
});
