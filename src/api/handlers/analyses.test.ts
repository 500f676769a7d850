import { beforeEach, describe, expect, test } from 'vitest';
import { quietLog } from '../../../test/support/quiet.ts';
import { countingModel, startService } from '../../../test/support/service.ts';
import type { DetectorModelDefinition } from '../../core/model/definition.ts';
import { Analyses } from './analyses.ts';

const DAY = 24 * 60 * 60 * 1000;
const sound = countingModel('M', 'I').detectorModelDefinition;

/** A definition with one finding for each of these transitions. */
function broken(transitions: number): DetectorModelDefinition {
  const transitionEvents = Array.from({ length: transitions }, (_, n) => ({
    eventName: `t${n}`,
    condition: 'currentInput("I")',
    nextState: `Nowhere${n}`,
  }));
  return { initialStateName: 'A', states: [{ stateName: 'A', onInput: { transitionEvents } }] };
}

let started: Awaited<ReturnType<typeof startService>>;
let analyses: Analyses;
let waiting: (() => void)[];
const runAll = () => {
  for (let run = waiting.shift(); run !== undefined; run = waiting.shift()) run();
};

beforeEach(async () => {
  started = await startService({ keptAnalyses: 12 });
  await started.call.CreateInput({ inputName: 'I', inputDefinition: { attributes: [{ jsonPath: 'id' }] } });
  waiting = [];
  analyses = new Analyses(started.service, quietLog, (run) => waiting.push(run));
});

const start = (detectorModelDefinition: DetectorModelDefinition = sound) =>
  analyses.start({ detectorModelDefinition }, started.pump.evaluator.catalog).analysisId;
const notFound = (run: () => unknown, analysisId: string) =>
  expect(run).toThrow(
    expect.objectContaining({
      code: 'ResourceNotFoundException',
      message: `Analysis of ID: ${analysisId} not found`,
    }),
  );

test('an analysis runs, completes, and lists its results', () => {
  const analysisId = start(broken(1));
  expect(analysisId).toMatch(/^[0-9a-f-]{36}$/);
  expect(analyses.describe({ analysisId })).toEqual({ status: 'RUNNING' });
  expect(() => analyses.results({ analysisId })).toThrow('is still running');
  runAll();
  expect(analyses.describe({ analysisId })).toEqual({ status: 'COMPLETE' });
  const errors = analyses.results({ analysisId }).analysisResults.filter(({ level }) => level === 'ERROR');
  expect(errors).toEqual([
    {
      type: 'structure',
      level: 'ERROR',
      message: 'The TransitionEvent t0 transitions to a non-existent state Nowhere0.',
      locations: [{ path: 'states[0].onInput.transitionEvents[0]' }],
    },
  ]);
});

test('only members of the API are listed', () => {
  const events = [{ eventName: 'e', condition: '1 +' }];
  const analysisId = start({ initialStateName: 'A', states: [{ stateName: 'A', onInput: { events } }] });
  runAll();
  const { analysisResults } = analyses.results({ analysisId });
  expect(analysisResults.some(({ type }) => type === 'expression-syntax')).toBe(true);
  for (const result of analysisResults) {
    expect(Object.keys(result).sort()).toEqual(['level', 'locations', 'message', 'type']);
  }
});

test('results come in pages', () => {
  const analysisId = start(broken(5));
  runAll();
  const { analysisResults: all } = analyses.results({ analysisId });
  expect(all.length).toBeGreaterThanOrEqual(5);
  const paged: unknown[] = [];
  let nextToken: string | undefined;
  do {
    const page = analyses.results({ analysisId, maxResults: 2, ...(nextToken && { nextToken }) });
    expect(page.analysisResults.length).toBeLessThanOrEqual(2);
    paged.push(...page.analysisResults);
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  expect(paged).toEqual(all);
  for (const maxResults of [0, -1]) {
    expect(() => analyses.results({ analysisId, maxResults })).toThrow("at 'maxResults'");
  }
});

test('ten can run at once', () => {
  const [first = ''] = Array.from({ length: 10 }, () => start());
  expect(() => start()).toThrow(
    expect.objectContaining({
      code: 'LimitExceededException',
      message: 'Number of analyses in RUNNING status exceeds the limit 10',
    }),
  );
  // To its end: what has rested waits behind the others.
  const isRunning = () => analyses.describe({ analysisId: first }).status === 'RUNNING';
  for (let run = waiting.shift(); isRunning(); run = waiting.pop()) run?.();
  start();
  expect(() => start()).toThrow('exceeds the limit 10');
});

test('results are kept for a day', async () => {
  const analysisId = start();
  runAll();
  const begin = started.clock.now();
  await started.clock.advance(begin + DAY, async () => {});
  expect(analyses.results({ analysisId }).analysisResults).toBeInstanceOf(Array);
  await started.clock.advance(begin + DAY + 1, async () => {});
  notFound(() => analyses.results({ analysisId }), analysisId);
  notFound(() => analyses.describe({ analysisId }), analysisId);
});

test('a running analysis is never dropped', async () => {
  const analysisId = start();
  await started.clock.advance(started.clock.now() + DAY + 1, async () => {});
  expect(analyses.describe({ analysisId })).toEqual({ status: 'RUNNING' });
});

test('beyond the limit, the oldest is dropped', () => {
  const ids = Array.from({ length: 14 }, () => {
    const id = start();
    runAll();
    return id;
  });
  const [oldest = '', second = '', third = ''] = ids;
  notFound(() => analyses.describe({ analysisId: oldest }), oldest);
  notFound(() => analyses.describe({ analysisId: second }), second);
  expect(analyses.describe({ analysisId: third })).toEqual({ status: 'COMPLETE' });
});

test('a failing analysis gets the status FAILED and is logged', () => {
  const logged: string[] = [];
  const log = { ...quietLog, error: (_: object, message: string) => logged.push(message) };
  analyses = new Analyses(started.service, log, (run) => waiting.push(run));
  const analysisId = start({ states: [null], initialStateName: 'A' } as never);
  runAll();
  expect(analyses.describe({ analysisId })).toEqual({ status: 'FAILED' });
  expect(analyses.results({ analysisId })).toEqual({ analysisResults: [] });
  expect(logged).toEqual(['analysis failed']);
});

describe('refusals', () => {
  test('an unknown id', () => {
    notFound(() => analyses.describe({ analysisId: 'none' }), 'none');
    notFound(() => analyses.results({ analysisId: 'none' }), 'none');
  });

  test('a definition that is too large', () => {
    const eventName = 'x'.repeat(started.service.limits.definitionBytes);
    const large = { ...sound, initialStateName: eventName };
    expect(() => start(large)).toThrow('exceeds the limit 524288');
  });
});

test('through the API an analysis completes shortly after its start', async () => {
  const { call } = started;
  const { analysisId = '' } = await call.StartDetectorModelAnalysis({ detectorModelDefinition: sound });
  await new Promise((resolve) => setImmediate(resolve));
  expect(await call.DescribeDetectorModelAnalysis({ analysisId })).toEqual({ status: 'COMPLETE' });
  const { analysisResults } = await call.GetDetectorModelAnalysisResults({ analysisId });
  expect(analysisResults?.filter(({ level }) => level === 'ERROR')).toEqual([]);
});
