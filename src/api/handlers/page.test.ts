import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countingModel, startService } from '../../../test/support/service.ts';
import { decodeToken, encodeToken, pageOf } from './page.ts';

type Started = Awaited<ReturnType<typeof startService>>;

const inputDefinition = { attributes: [{ jsonPath: 'id' }] };
let messages = 0;

/** One list of the API: how its elements are created and deleted, and how a page is read. */
interface List {
  readonly prepare: (started: Started) => unknown;
  readonly add: (started: Started, name: string) => unknown;
  readonly remove: (started: Started, name: string) => unknown;
  readonly page: (
    started: Started,
    request: { maxResults: number; nextToken?: string },
  ) => Promise<{ names: (string | undefined)[]; nextToken?: string }>;
}

const putMessage = ({ call }: Started, id: string) =>
  call.BatchPutMessage({
    messages: [{ messageId: `m${messages++}`, inputName: 'I', payload: Buffer.from(JSON.stringify({ id })) }],
  });
const removeModel = ({ call }: Started, detectorModelName: string) =>
  call.DeleteDetectorModel({ detectorModelName });
const addModel = ({ call }: Started, name: string) => call.CreateDetectorModel(countingModel(name, 'I'));
const prepareInput = ({ call }: Started) => call.CreateInput({ inputName: 'I', inputDefinition });

const LISTS: Readonly<Record<string, List>> = {
  ListInputs: {
    prepare: async () => {},
    add: ({ call }, inputName) => call.CreateInput({ inputName, inputDefinition }),
    remove: ({ call }, inputName) => call.DeleteInput({ inputName }),
    page: async ({ call }, request) => {
      const { inputSummaries = [], ...rest } = await call.ListInputs(request);
      return { names: inputSummaries.map(({ inputName }) => inputName), ...rest };
    },
  },
  ListDetectorModels: {
    prepare: prepareInput,
    add: addModel,
    remove: removeModel,
    page: async ({ call }, request) => {
      const { detectorModelSummaries = [], ...rest } = await call.ListDetectorModels(request);
      return { names: detectorModelSummaries.map(({ detectorModelName }) => detectorModelName), ...rest };
    },
  },
  ListInputRoutings: {
    prepare: prepareInput,
    add: addModel,
    remove: removeModel,
    page: async ({ call }, request) => {
      const inputIdentifier = { iotEventsInputIdentifier: { inputName: 'I' } };
      const { routedResources = [], ...rest } = await call.ListInputRoutings({ inputIdentifier, ...request });
      return { names: routedResources.map(({ name }) => name), ...rest };
    },
  },
  ListDetectors: {
    prepare: async (started) => {
      await prepareInput(started);
      await addModel(started, 'M');
    },
    add: putMessage,
    remove: ({ call }, keyValue) =>
      call.BatchDeleteDetector({ detectors: [{ messageId: 'd', detectorModelName: 'M', keyValue }] }),
    page: async ({ call }, request) => {
      const { detectorSummaries = [], ...rest } = await call.ListDetectors({
        detectorModelName: 'M',
        ...request,
      });
      return { names: detectorSummaries.map(({ keyValue }) => keyValue), ...rest };
    },
  },
};

/** Several ids share a slot, so that pages end within one. */
const id = fc.integer({ min: 0, max: 60 }).map((n) => `k${n}`);

describe.each(Object.entries(LISTS))('the pages of %s', (_name, list) => {
  test('neither miss nor repeat elements that exist throughout, whatever is created and deleted', async () => {
    let changed = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(id, { maxLength: 30 }),
        fc.array(fc.uniqueArray(id, { minLength: 1, maxLength: 6 }), { minLength: 5 }),
        fc.integer({ min: 1, max: 7 }),
        async (first, toggles, maxResults) => {
          const started = await startService({
            inputs: 100,
            detectorModels: 100,
            detectorModelsPerInput: 100,
          });
          await list.prepare(started);
          const present = new Set<string>();
          for (const name of first) {
            await list.add(started, name);
            present.add(name);
          }
          const throughout = new Set(present);
          const ever = new Set(present);
          const seen: string[] = [];
          let nextToken: string | undefined;
          for (let turn = 0; turn === 0 || nextToken !== undefined; turn++) {
            const page = await list.page(started, {
              maxResults,
              ...(nextToken !== undefined && { nextToken }),
            });
            expect(page.names.length).toBeLessThanOrEqual(maxResults);
            seen.push(...(page.names as string[]));
            nextToken = page.nextToken;
            if (nextToken === undefined) break;
            for (const name of toggles[turn] ?? []) {
              changed++;
              if (present.delete(name)) {
                throughout.delete(name);
                await list.remove(started, name);
              } else {
                present.add(name);
                ever.add(name);
                await list.add(started, name);
              }
            }
          }
          const counted = [...throughout].map((name) => [name, seen.filter((each) => each === name).length]);
          expect(counted).toEqual([...throughout].map((name) => [name, 1]));
          expect(seen.filter((name) => !ever.has(name))).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
    expect(changed).toBeGreaterThan(100);
  });

  test('contain everything without maxResults, and refuse an unknown token', async () => {
    const started = await startService({ pageSize: 3 });
    await list.prepare(started);
    for (const name of ['a', 'b', 'c']) await list.add(started, name);
    const { names, nextToken } = await list.page(started, {} as { maxResults: number });
    expect([[...names].sort(), nextToken]).toEqual([['a', 'b', 'c'], undefined]);
    await expect(list.page(started, { maxResults: 1, nextToken: '!' })).rejects.toMatchObject({
      code: 'InvalidRequestException',
      message: 'Invalid nextToken',
    });
  });
});

test('the pages of ListDetectorModelVersions run from newest to oldest, even when a version is created in between', async () => {
  const started = await startService();
  await prepareInput(started);
  await addModel(started, 'M');
  const { key: _, ...update } = countingModel('M', 'I');
  for (let n = 2; n <= 12; n++) await started.call.UpdateDetectorModel(update);
  const seen: (string | undefined)[] = [];
  let nextToken: string | undefined;
  do {
    const page = await started.call.ListDetectorModelVersions({
      detectorModelName: 'M',
      maxResults: 5,
      ...(nextToken !== undefined && { nextToken }),
    });
    seen.push(...(page.detectorModelVersionSummaries ?? []).map((each) => each.detectorModelVersion));
    nextToken = page.nextToken;
    await started.call.UpdateDetectorModel(update);
  } while (nextToken !== undefined);
  expect(seen).toEqual(Array.from({ length: 12 }, (_, n) => String(12 - n)));
});

test('a token of another list is refused, whichever list it is', async () => {
  const started = await startService();
  const { call } = started;
  await prepareInput(started);
  await call.CreateInput({ inputName: 'J', inputDefinition });
  for (const name of ['M', 'N']) {
    await addModel(started, name);
    const { key: _, ...update } = countingModel(name, 'I');
    await call.UpdateDetectorModel(update);
  }
  await putMessage(started, 'a');
  await putMessage(started, 'b');
  const inputIdentifier = { iotEventsInputIdentifier: { inputName: 'I' } };
  const pages: ((page: {
    maxResults: number;
    nextToken?: string;
  }) => Promise<{ nextToken?: string }> | { nextToken?: string })[] = [
    (page) => call.ListInputs(page),
    (page) => call.ListDetectorModels(page),
    (page) => call.ListDetectorModelVersions({ ...page, detectorModelName: 'M' }),
    (page) => call.ListDetectorModelVersions({ ...page, detectorModelName: 'N' }),
    (page) => call.ListInputRoutings({ ...page, inputIdentifier }),
    (page) => call.ListDetectors({ ...page, detectorModelName: 'M' }),
    (page) => call.ListDetectors({ ...page, detectorModelName: 'N' }),
  ];
  const tokens = await Promise.all(
    pages.map(async (page) => (await page({ maxResults: 1 })).nextToken ?? ''),
  );
  expect(new Set(tokens).size).toBe(pages.length);
  for (const [own, page] of pages.entries())
    for (const [from, nextToken] of tokens.entries()) {
      const answer = Promise.resolve(page({ maxResults: 1, nextToken }));
      if (from === own) await answer;
      else await expect(answer).rejects.toMatchObject({ message: 'Invalid nextToken' });
    }
});

test('any text survives as a token, and nothing else is accepted', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (position) => {
      const token = encodeToken('list', position);
      expect(token).toMatch(/^[\w-]*$/);
      expect(decodeToken('list', token)).toBe(position);
      for (const other of ['lis', 'list ', 'tsil', '']) {
        expect(() => decodeToken(other, token)).toThrow('Invalid nextToken');
      }
    }),
  );
  for (const token of ['!', 'YQ==', ' YQ', 'YR', 'YQ'])
    expect(() => decodeToken('a', token)).toThrow('Invalid nextToken');
});

test('a full last page has no next token', () => {
  const text = (item: string) => item;
  const first = pageOf('list', ['a', 'b', 'c', 'd'], text, { maxResults: 2 }, 250);
  expect(first.items).toEqual(['a', 'b']);
  const request = { maxResults: 2, nextToken: first.nextToken ?? '' };
  const second = pageOf('list', ['a', 'b', 'c', 'd'], text, request, 250);
  expect(second).toEqual({ items: ['c', 'd'] });
});
