import { describe, expect, test, vi } from 'vitest';
import { describeAlarmModel } from '../../src/api/handlers/alarm-models.ts';
import { describeDetectorModel } from '../../src/api/handlers/detector-models.ts';
import type { InstanceSummary } from '../../src/core/engine/views.ts';
import { DEFAULT_LIMITS, type Limits } from '../../src/limits.ts';
import type { Host, InstanceQuery } from '../../src/runtime/host.ts';
import { type IncomingMessage, readPayload } from '../../src/runtime/messages.ts';

/** A kind of host with persistent data. Its actions are recorded, not sent; chained messages are delivered. */
export interface HostHarness {
  /** Opens a host on the data left by earlier ones; `attach` receives it before anything starts. */
  open(attach?: (host: Host) => void): Promise<Host>;
  close(): Promise<void>;
  /** Advances the clock, and waits for everything that this starts. */
  advance(milliseconds: number): Promise<void>;
  dispose(): Promise<void>;
}

/** The behaviour required of every host, wherever its slots run. Uses only the interface. */
export function describeHost(name: string, prepare: (limits: Partial<Limits>) => Promise<HostHarness>): void {
  async function using(
    run: (host: Host, harness: HostHarness) => Promise<void>,
    limits: Partial<Limits> = {},
  ): Promise<void> {
    const harness = await prepare(limits);
    try {
      await run(await harness.open(), harness);
    } finally {
      await harness.dispose();
    }
  }

  describe(name, () => {
    describe('definitions', () => {
      test('exist once created, and are gone once deleted', () =>
        using(async (host) => {
          await define(host);
          const catalog = await host.catalog();
          expect([...catalog.inputs.keys()]).toEqual(['I']);
          expect([...catalog.models.keys()]).toEqual(['M']);
          expect([...catalog.alarmModels.keys()]).toEqual(['A']);
          await host.define('deleteDetectorModel', { detectorModelName: 'M' });
          await host.define('deleteAlarmModel', { alarmModelName: 'A' });
          await host.define('deleteInput', { inputName: 'I' });
          const after = await host.catalog();
          expect([after.inputs.size, after.models.size, after.alarmModels.size]).toEqual([0, 0, 0]);
          // A caller that keeps the earlier catalog still sees its definitions.
          expect(catalog.models.size).toBe(1);
        }));

      test('that are invalid change nothing and report why', () =>
        using(async (host) => {
          await define(host);
          await expect(host.define('createInput', INPUT)).rejects.toMatchObject({
            code: 'ResourceAlreadyExistsException',
            message: 'Input of name: I already exists',
          });
          await expect(host.define('deleteInput', { inputName: 'I' })).rejects.toMatchObject({
            code: 'ResourceInUseException',
          });
          await expect(
            host.define('updateDetectorModel', { ...model('M'), detectorModelName: 'None' }),
          ).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
          expect((await host.catalog()).models.get('M')?.versions.length).toBe(1);
        }));

      test('survive a restart, including tags and logging options', () =>
        using(async (host, harness) => {
          await define(host);
          await host.define('updateDetectorModel', model('M'));
          const resource = { kind: 'input', name: 'I' } as const;
          await host.define('tag', { resource, tags: [{ key: 'plant', value: 'north' }] });
          const options = { roleArn: ROLE, level: 'INFO', enabled: true } as const;
          await host.define('putLoggingOptions', options);
          await harness.close();
          const again = await (await harness.open()).catalog();
          expect(again.inputs.get('I')?.tags).toEqual([{ key: 'plant', value: 'north' }]);
          expect(again.models.get('M')?.versions.map(({ status }) => status)).toEqual(['INACTIVE', 'ACTIVE']);
          expect(again.logging.options).toEqual(options);
        }));

      test('describe former versions, whose definitions are not in memory, also after a restart', () =>
        using(async (host, harness) => {
          await define(host);
          await host.define('updateDetectorModel', { ...model('M'), detectorModelDescription: 'second' });
          await host.define('updateAlarmModel', { ...ALARM_MODEL, severity: 3 });
          const check = async (open: Host) => {
            const service = { host: open, limits: DEFAULT_LIMITS, region: 'us-east-1', accountId: '0' };
            const { models, alarmModels } = await open.catalog();
            const kept = JSON.stringify([models.get('M')?.versions, alarmModels.get('A')?.versions]);
            expect(kept).not.toContain('stateName');
            expect(kept).not.toContain('alarmRule');
            const { detectorModel } = await describeDetectorModel(service, {
              ...{ detectorModelName: 'M', detectorModelVersion: '1' },
            });
            expect(detectorModel).toMatchObject({
              detectorModelDefinition: model('M').detectorModelDefinition,
              detectorModelConfiguration: { detectorModelVersion: '1', status: 'INACTIVE' },
            });
            const alarmModel = { alarmModelName: 'A', alarmModelVersion: '1' };
            const described = await describeAlarmModel(service, alarmModel);
            expect(described).toMatchObject({ ...ALARM_MODEL, alarmModelVersion: '1', status: 'INACTIVE' });
            expect(described).not.toHaveProperty('severity');
            const missing = { detectorModelName: 'M', detectorModelVersion: '3' };
            await expect(describeDetectorModel(service, missing)).rejects.toMatchObject({
              message: 'Detector model of name: M and version: 3 not found',
            });
          };
          await check(host);
          await harness.close();
          await check(await harness.open());
        }));

      test('an update of a detector model deletes its detectors, one of an alarm model keeps its alarms', () =>
        using(async (host) => {
          await define(host);
          await host.put([message({ id: 'a', v: 9 })]);
          await host.define('updateDetectorModel', model('M'));
          await host.define('updateAlarmModel', ALARM_MODEL);
          expect(await keysOf(host, 'detector', 'M')).toEqual([]);
          expect(await host.describe({ kind: 'alarm', modelName: 'A', keyValue: 'a' })).toMatchObject({
            stateName: 'ACTIVE',
            modelVersion: '2',
          });
        }));
    });

    describe('an update that keeps detectors', () => {
      /** Without the state Done; with an additional variable. */
      const smaller = () => {
        const { detectorModelDefinition, ...rest } = model('M');
        const [counting] = detectorModelDefinition.states;
        const { events } = counting?.onInput ?? { events: [] };
        const own = { setVariable: { variableName: 'other', value: '$variable.n + 0.5' } };
        const [count, ...others] = events;
        const states = [
          {
            stateName: 'Counting',
            onInput: { events: [{ ...count, actions: [...(count?.actions ?? []), own] }, ...others] },
          },
        ];
        return { ...rest, detectorModelDefinition: { initialStateName: 'Counting', states } } as ReturnType<
          typeof model
        >;
      };
      const prepareDetectors = async (host: Host) => {
        await define(host);
        await host.put([
          message({ id: 'a', wait: 2 }),
          message({ id: 'a' }),
          message({ id: 'b', done: true }),
          message({ id: 'c' }),
        ]);
      };
      const report = { kept: 2, reset: 1, resetInstances: [{ keyValue: 'b', stateName: 'Done' }] };

      test('keeps state, variables, timers and creation time of detectors whose state still exists', () =>
        using(async (host, harness) => {
          await prepareDetectors(host);
          const name = { kind: 'detector', modelName: 'M', keyValue: 'a' } as const;
          const before = await host.describe(name);
          const { detectors } = await host.define('updateDetectorModel', {
            ...smaller(),
            keepDetectors: 'true',
          });
          expect(detectors).toEqual(report);
          expect(await host.describe(name)).toEqual({ ...before, modelVersion: '2' });
          expect(await keysOf(host, 'detector', 'M')).toEqual(['a', 'c']);
          await harness.close();
          const again = await harness.open();
          expect(await again.describe(name)).toEqual({ ...before, modelVersion: '2' });
          await harness.advance(2000);
          expect(await count(again, 'a')).toBe('102');
          await again.put([message({ id: 'a' })]);
          expect(await again.describe(name)).toMatchObject({
            variables: [
              { name: 'n', value: '103' },
              { name: 'other', value: '103.5' },
            ],
          });
        }));

      test('returns the same for a preview, and changes nothing', () =>
        using(async (host) => {
          await prepareDetectors(host);
          const { detectors } = await host.define('updateDetectorModel', {
            ...smaller(),
            keepDetectors: 'preview',
          });
          expect(detectors).toEqual(report);
          expect((await host.catalog()).models.get('M')?.versions.length).toBe(1);
          expect(await keysOf(host, 'detector', 'M')).toEqual(['a', 'b', 'c']);
        }));

      test('changes nothing when it is refused', () =>
        using(async (host) => {
          await prepareDetectors(host);
          const { detectorModelDefinition, ...rest } = smaller();
          const broken = { ...detectorModelDefinition, initialStateName: 'Nowhere' };
          await expect(
            host.define('updateDetectorModel', {
              ...rest,
              detectorModelDefinition: broken,
              keepDetectors: 'true',
            }),
          ).rejects.toMatchObject({ code: 'InvalidRequestException' });
          expect(await keysOf(host, 'detector', 'M')).toEqual(['a', 'b', 'c']);
        }));
    });

    describe('messages', () => {
      test('are evaluated in order, with one outcome for each', () =>
        using(async (host) => {
          await define(host);
          const outcomes = await host.put([
            message({ id: 'a' }),
            message({ id: 'a' }),
            message({ id: 'b' }),
            message({ nobody: 1 }),
            { ...message({ id: 'a' }), inputName: 'None' },
            message({ id: 'a', pad: 'x'.repeat(2000) }),
          ]);
          expect(outcomes.map((outcome) => outcome?.code)).toEqual([
            undefined,
            undefined,
            undefined,
            'InvalidRequestException',
            'ResourceNotFoundException',
            'InvalidRequestException',
          ]);
          expect([await count(host, 'a'), await count(host, 'b')]).toEqual(['2', '1']);
        }));

      test('with an id accepted before are answered but not evaluated again, also after a restart', () =>
        using(async (host, harness) => {
          await define(host);
          const once = message({ id: 'a' });
          expect(await host.put([once, once])).toEqual([undefined, undefined]);
          await harness.close();
          const again = await harness.open();
          expect(await again.put([once])).toEqual([undefined]);
          expect(await count(again, 'a')).toBe('1');
        }));

      test('of many concurrent calls are each counted once', () =>
        using(async (host) => {
          await define(host);
          const calls = Array.from({ length: 40 }, (_, n) =>
            host.put([message({ id: `k${n % 4}` }), message({ id: 'all' })]),
          );
          expect((await Promise.all(calls)).flat()).toEqual(Array(80).fill(undefined));
          expect(await count(host, 'all')).toBe('40');
          expect(await count(host, 'k3')).toBe('10');
        }));

      test('past a limit are refused with the name of the limit', () =>
        using(
          async (host) => {
            await define(host);
            await host.put([message({ id: 'a' }), message({ id: 'b' })]);
            const [third] = await host.put([message({ id: 'c' })]);
            expect(third).toMatchObject({ code: 'InvalidRequestException' });
            expect(third?.message).toContain('Number of detectors of detector model M exceeds the limit 2');
          },
          { detectorsPerModel: 2 },
        ));

      test('of iotEvents actions reach their input', () =>
        using(async (host, harness) => {
          await define(host);
          await host.define('createInput', { ...INPUT, inputName: 'J' });
          await host.define('createDetectorModel', model('Next', 'J'));
          await host.put([message({ id: 'a', forward: true })]);
          await harness.advance(100);
          expect(await count(host, 'a', 'Next')).toBe('1');
          const { actions } = await host.actions.list({ type: 'iotEvents' }, { maxResults: 10 });
          expect(actions.map(({ status }) => status)).toEqual(['DELIVERED']);
        }));
    });

    describe('commands', () => {
      test('put detectors into a state and delete them', () =>
        using(async (host) => {
          await define(host);
          await host.put([message({ id: 'a' }), message({ id: 'b' })]);
          const state = {
            stateName: 'Done',
            variables: [
              { name: 'n', value: '7.0' },
              { name: 'note', value: '"by hand"' },
            ],
            timers: [{ name: 'hold', seconds: 60 }],
          };
          const outcomes = await host.command([
            { type: 'SetDetectorState', modelName: 'M', keyValue: 'a', state },
            {
              type: 'SetDetectorState',
              modelName: 'M',
              keyValue: 'b',
              state: { ...state, stateName: 'Nowhere' },
            },
            { type: 'DeleteDetector', modelName: 'M', keyValue: 'b' },
            { type: 'DeleteDetector', modelName: 'M', keyValue: 'b' },
            { type: 'DeleteDetector', modelName: 'None' },
          ]);
          expect(outcomes.map((outcome) => outcome?.code)).toEqual([
            undefined,
            'InvalidRequestException',
            undefined,
            'ResourceNotFoundException',
            'ResourceNotFoundException',
          ]);
          expect(await host.describe({ kind: 'detector', modelName: 'M', keyValue: 'a' })).toMatchObject({
            stateName: 'Done',
            variables: [
              { name: 'n', value: '7.0' },
              { name: 'note', value: '"by hand"' },
            ],
            timers: [{ name: 'hold', status: 'RUNNING' }],
          });
          expect(await keysOf(host, 'detector', 'M')).toEqual(['a']);
        }));

      test('operate alarms, as far as their state allows', () =>
        using(async (host) => {
          await define(host);
          await host.put([message({ id: 'a', v: 9 })]);
          const alarm = { type: 'OperateAlarm', modelName: 'A', keyValue: 'a' } as const;
          const outcomes = await host.command([
            { ...alarm, action: { actionName: 'ENABLE' } },
            { ...alarm, action: { actionName: 'SNOOZE', snoozeDuration: 0 } },
            { ...alarm, action: { actionName: 'SNOOZE', snoozeDuration: 60, note: 'later' } },
            { ...alarm, keyValue: 'none', action: { actionName: 'RESET' } },
          ]);
          expect(outcomes.map((outcome) => outcome?.code)).toEqual([
            'InvalidRequestException',
            'InvalidRequestException',
            undefined,
            'ResourceNotFoundException',
          ]);
          expect(await host.describe({ kind: 'alarm', modelName: 'A', keyValue: 'a' })).toMatchObject({
            stateName: 'SNOOZE_DISABLED',
            customerAction: { actionName: 'SNOOZE', snoozeDuration: 60, note: 'later' },
            ruleEvaluation: { inputProperty: '9', operator: 'GREATER', threshold: '5' },
          });
        }));

      test('survive a restart', () =>
        using(async (host, harness) => {
          await define(host);
          await host.put([message({ id: 'a' }), message({ id: 'b' })]);
          await host.command([{ type: 'DeleteDetector', modelName: 'M', keyValue: 'a' }]);
          await harness.close();
          expect(await keysOf(await harness.open(), 'detector', 'M')).toEqual(['b']);
        }));
    });

    describe('instances', () => {
      test('are listed in pages, each once, while others are created and deleted', () =>
        using(async (host) => {
          await define(host);
          const ids = Array.from({ length: 25 }, (_, n) => `k${n}`);
          await host.put(ids.map((id) => message({ id })));
          const query = { kind: 'detector', modelName: 'M', maxResults: 10 } as const;
          const first = await host.list(query);
          expect(first.items).toHaveLength(10);
          const [shown] = first.items;
          await host.command([{ type: 'DeleteDetector', modelName: 'M', keyValue: shown?.keyValue ?? '' }]);
          const rest = await all(host, { ...query, after: first.next ?? '' });
          const seen = [...first.items, ...rest].map(({ keyValue = '' }) => keyValue);
          expect(seen.sort()).toEqual(ids.sort());
          await expect(host.list({ ...query, after: 'nowhere' })).rejects.toMatchObject({
            code: 'InvalidRequestException',
          });
          await expect(host.list({ ...query, modelName: 'None' })).rejects.toMatchObject({
            code: 'ResourceNotFoundException',
          });
        }));

      test('are listed without what grows with them: variables, timers, rules', () =>
        using(async (host) => {
          await define(host);
          await host.put([message({ id: 'a', value: 9, wait: 90 }), message({ id: 'b' })]);
          const [waiting, other] = await all(host, { kind: 'detector', modelName: 'M', maxResults: 10 }).then(
            (items) => items.sort((a, b) => ((a.keyValue ?? '') < (b.keyValue ?? '') ? -1 : 1)),
          );
          const times = { creationTime: expect.any(Number), lastUpdateTime: expect.any(Number) };
          const shown = { modelName: 'M', modelVersion: '1', stateName: 'Counting', ...times };
          expect(waiting).toEqual({ ...shown, keyValue: 'a', nextExpiry: expect.any(Number) });
          expect(other).toEqual({ ...shown, keyValue: 'b' });
          const view = await host.describe({ kind: 'detector', modelName: 'M', keyValue: 'a' });
          expect(Math.abs((waiting?.nextExpiry ?? 0) - (view.timers[0]?.expiresAt ?? 0))).toBeLessThan(1000);
          const [alarm] = await all(host, { kind: 'alarm', modelName: 'A', maxResults: 1 });
          expect(Object.keys(alarm ?? {}).sort()).toEqual(
            ['modelName', 'modelVersion', 'keyValue', 'stateName', ...Object.keys(times)].sort(),
          );
        }));

      test('are filtered by state', () =>
        using(async (host) => {
          await define(host);
          await host.put([message({ id: 'a' }), message({ id: 'b', done: true }), message({ id: 'c' })]);
          const query = { kind: 'detector', modelName: 'M', maxResults: 10 } as const;
          const done = await all(host, { ...query, stateName: 'Done' });
          expect(done.map(({ keyValue }) => keyValue)).toEqual(['b']);
          expect(await all(host, { ...query, stateName: 'Nowhere' })).toEqual([]);
        }));

      test('that do not exist are not found', () =>
        using(async (host) => {
          await define(host);
          await expect(
            host.describe({ kind: 'detector', modelName: 'M', keyValue: 'a' }),
          ).rejects.toMatchObject({
            code: 'ResourceNotFoundException',
            message: 'Detector of detector model: M with key value: a not found',
          });
          await expect(host.describe({ kind: 'alarm', modelName: 'M' })).rejects.toMatchObject({
            code: 'ResourceNotFoundException',
            message: 'Alarm model of name: M not found',
          });
        }));
    });

    describe('timers', () => {
      test('fire when they are due', () =>
        using(async (host, harness) => {
          await define(host);
          await host.put([message({ id: 'a', wait: 1 })]);
          expect(await count(host, 'a')).toBe('1');
          await harness.advance(1000);
          expect(await count(host, 'a')).toBe('101');
        }));

      test('that were due while nothing ran fire at the start, once, and are observed', () =>
        using(async (host, harness) => {
          await define(host);
          await host.put([message({ id: 'late', wait: 2 }), message({ id: 'soon', wait: 1 })]);
          await harness.close();
          await harness.advance(3000);
          const observed: string[] = [];
          const again = await harness.open((opened) =>
            opened.observe({
              observe: ({ trigger, keyValue }) => observed.push(`${trigger.type} ${keyValue}`),
            }),
          );
          await harness.advance(100);
          expect(await count(again, 'late')).toBe('101');
          await vi.waitFor(() => expect(observed.toSorted()).toEqual(['Timer late', 'Timer soon']), SEEN);
        }));
    });

    describe('actions', () => {
      test('are listed newest first, with filter and pages, and with the request', () =>
        using(async (host, harness) => {
          await define(host);
          for (const id of ['a', 'b', 'a']) await host.put([message({ id, tell: true })]);
          await harness.advance(100);
          const { actions, next } = await host.actions.list({}, { maxResults: 2 });
          expect(actions.map(({ keyValue, status }) => [keyValue, status])).toEqual([
            ['a', 'RECORDED'],
            ['b', 'RECORDED'],
          ]);
          const rest = await host.actions.list({}, { maxResults: 2, after: next ?? '' });
          expect(rest.actions.map(({ keyValue }) => keyValue)).toEqual(['a']);
          expect((await host.actions.list({ keyValue: 'b' }, { maxResults: 9 })).actions).toHaveLength(1);
          const [newest] = actions;
          const found = await host.actions.get(newest?.actionExecutionId ?? '');
          expect(found.request).toMatchObject({ service: 'sns', operation: 'Publish' });
          await expect(host.actions.get('nobody')).rejects.toMatchObject({
            code: 'ResourceNotFoundException',
          });
        }));

      test('that have finished are observed', () =>
        using(async (host, harness) => {
          await define(host);
          const finished: string[] = [];
          const stop = host.observe({
            finished: (executions) => finished.push(...executions.map(({ status }) => status)),
          });
          await host.put([message({ id: 'a', tell: true })]);
          await harness.advance(100);
          await vi.waitFor(() => expect(finished).toEqual(['RECORDED']), SEEN);
          stop();
          await host.put([message({ id: 'a', tell: true })]);
          await harness.advance(100);
          expect(finished).toEqual(['RECORDED']);
        }));
    });

    test('evaluations are observed in order, with their changes', () =>
      using(async (host) => {
        await define(host);
        const observed: unknown[] = [];
        host.observe({
          observe: ({ kind, keyValue, changedState }) => observed.push([kind, keyValue, changedState]),
        });
        await host.put([message({ id: 'a' }), message({ id: 'a' }), message({ id: 'a', done: true })]);
        await vi.waitFor(() => {
          const detectors = observed.filter((each) => Array.isArray(each) && each[0] === 'detector');
          expect(detectors).toEqual([
            ['detector', 'a', true],
            ['detector', 'a', false],
            ['detector', 'a', true],
          ]);
        }, SEEN);
      }));

    test('figures are counted', () =>
      using(async (host) => {
        await define(host);
        await host.put([message({ id: 'a', v: 1 }), message({ id: 'b', v: 9 })]);
        const figures = { queued: 0, detectors: 2, alarms: 2, failedActions: 0 };
        await vi.waitFor(() => expect(host.figures()).toMatchObject(figures), SEEN);
      }));
  });
}

/** Observations and figures may arrive some time after the call that caused them was answered. */
const SEEN = { timeout: 20_000, interval: 20 };

const ROLE = 'arn:aws:iam::000000000000:role/Suite';
const INPUT = { inputName: 'I', inputDefinition: { attributes: [{ jsonPath: 'id' }] } };
const ALARM_MODEL = {
  alarmModelName: 'A',
  key: 'id',
  roleArn: ROLE,
  alarmRule: {
    simpleRule: { inputProperty: '$input.I.v', comparisonOperator: 'GREATER', threshold: '5' },
  },
  alarmCapabilities: { initializationConfiguration: { disabledOnInitialization: false } },
} as const;

/** Counts the messages on an input; does more when the message says so. */
function model(detectorModelName: string, inputName = 'I') {
  const set = (value: string) => ({ setVariable: { variableName: 'n', value } });
  const input = `$input.${inputName}`;
  return {
    detectorModelName,
    key: 'id',
    roleArn: ROLE,
    detectorModelDefinition: {
      initialStateName: 'Counting',
      states: [
        {
          stateName: 'Counting',
          onEnter: { events: [{ eventName: 'begin', actions: [set('0')] }] },
          onInput: {
            events: [
              {
                eventName: 'count',
                condition: `currentInput("${inputName}")`,
                actions: [set('$variable.n + 1')],
              },
              {
                eventName: 'wait',
                condition: `currentInput("${inputName}") && ${input}.wait > 0`,
                actions: [{ setTimer: { timerName: 't', durationExpression: `${input}.wait` } }],
              },
              { eventName: 'fired', condition: 'timeout("t")', actions: [set('$variable.n + 100')] },
              {
                eventName: 'tell',
                condition: `currentInput("${inputName}") && ${input}.tell`,
                actions: [{ sns: { targetArn: 'arn:aws:sns:us-east-1:000000000000:t' } }],
              },
              {
                eventName: 'forward',
                condition: `currentInput("${inputName}") && ${input}.forward`,
                actions: [
                  {
                    iotEvents: {
                      inputName: 'J',
                      payload: { contentExpression: `'{"id":"\${${input}.id}"}'`, type: 'JSON' as const },
                    },
                  },
                ],
              },
            ],
            transitionEvents: [
              { eventName: 'finish', condition: `${input}.done`, actions: [], nextState: 'Done' },
            ],
          },
        },
        { stateName: 'Done' },
      ],
    },
  };
}

/** The input, and a detector model and an alarm model that read it. */
async function define(host: Host): Promise<void> {
  await host.define('createInput', INPUT);
  await host.define('createDetectorModel', model('M'));
  await host.define('createAlarmModel', ALARM_MODEL);
}

let messages = 0;

function message(payload: object): IncomingMessage {
  const read = readPayload(Buffer.from(JSON.stringify(payload)));
  if (typeof read === 'string') throw new Error(read);
  return { messageId: `m${++messages}`, inputName: 'I', payload: read };
}

async function count(host: Host, keyValue: string, modelName = 'M'): Promise<string | undefined> {
  const view = await host.describe({ kind: 'detector', modelName, keyValue });
  return view.kind === 'detector' ? view.variables.find(({ name }) => name === 'n')?.value : undefined;
}

async function keysOf(host: Host, kind: InstanceQuery['kind'], modelName: string) {
  const items = await all(host, { kind, modelName, maxResults: 100 });
  return items.map(({ keyValue }) => keyValue).sort();
}

async function all(host: Host, query: InstanceQuery): Promise<InstanceSummary[]> {
  const { items, next } = await host.list(query);
  return next === undefined ? [...items] : [...items, ...(await all(host, { ...query, after: next }))];
}
