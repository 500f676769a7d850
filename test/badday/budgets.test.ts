import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { ApiClient } from '../../src/cli/client.ts';
import { freePort, pause, ServerProcess } from '../support/server-process.ts';

/**
 * The attack that once blocked a server permanently: 22 small messages double a variable to 1 MiB, and one timer fires
 * 170 dynamoDB actions with it in four parameters each, together more than a commit can hold. Uses a real server.
 */
const DOUBLINGS = 20;
const ACTIONS = 170;
const VARIABLE = '$variable.v';

const dynamoDB = {
  tableName: VARIABLE,
  hashKeyField: "'k'",
  hashKeyValue: VARIABLE,
  rangeKeyField: VARIABLE,
  rangeKeyValue: VARIABLE,
};
const onTimer = Array.from({ length: ACTIONS / 10 }, (_, n) => ({
  eventName: `out-${n}`,
  condition: 'timeout("t")',
  actions: Array.from({ length: 10 }, () => ({ dynamoDB })),
}));
const set = (variableName: string, value: string) => ({ setVariable: { variableName, value } });
const MODEL = {
  detectorModelName: 'Attack',
  key: 'id',
  roleArn: 'arn:aws:iam::000000000000:role/r',
  detectorModelDefinition: {
    initialStateName: 'Growing',
    states: [
      {
        stateName: 'Growing',
        onEnter: { events: [{ eventName: 'begin', actions: [set('v', "'x'")] }] },
        onInput: {
          events: [
            {
              eventName: 'double',
              condition: 'currentInput("I") && $input.I.do == "double"',
              actions: [set('v', `${VARIABLE} + ${VARIABLE}`)],
            },
            {
              eventName: 'arm',
              condition: 'currentInput("I") && $input.I.do == "arm"',
              actions: [{ setTimer: { timerName: 't', durationExpression: '1' } }],
            },
            ...onTimer,
          ],
        },
      },
    ],
  },
};

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

test('22 messages and a timer cost one evaluation, and the server goes on, after a restart too', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tripline-budgets-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  const log = join(folder, 'evaluations.log');
  const server = new ServerProcess(await freePort(), [
    ...['--data-dir', join(folder, 'data'), '--actions', 'record', '--evaluation-log', log],
  ]);
  cleanups.push(() => server.stop('SIGKILL'));
  await server.start();
  const client = new ApiClient(server.url);
  const inputDefinition = { attributes: [{ jsonPath: 'id' }, { jsonPath: 'do' }] };
  await client.call('POST', '/inputs', { inputName: 'I', inputDefinition });
  await client.call('POST', '/detector-models', MODEL);
  await client.call('PUT', '/logging', {
    loggingOptions: { roleArn: 'arn:aws:iam::000000000000:role/r', level: 'ERROR', enabled: true },
  });
  let number = 0;
  const send = async (id: string, what: string) => {
    const payload = Buffer.from(JSON.stringify({ id, do: what })).toString('base64');
    const messages = [{ messageId: `m${number++}`, inputName: 'I', payload }];
    const answer = await client.call('POST', '/inputs/messages', { messages });
    expect(answer.BatchPutMessageErrorEntries).toEqual([]);
  };
  const textOf = async (id: string) => {
    const { detector } = await client.call('GET', `/detectors/Attack/keyValues?keyValue=${id}`);
    const { state } = detector as Described;
    return state.variables[0]?.value;
  };
  const sent = async () => {
    const { actions } = await client.call('GET', '/_tripline/actions?maxResults=250');
    return (actions as readonly unknown[]).length;
  };

  for (let n = 0; n < DOUBLINGS; n++) await send('evil', 'double');
  await send('evil', 'arm');
  while ((await sent()) === 0) await pause(100);
  // The variable stopped growing at its limit, and the actions past the budget of their evaluation were not executed.
  const text = await textOf('evil');
  expect(text).toHaveLength('""'.length + 16 * 1024);
  const executed = await sent();
  expect(executed).toBeGreaterThan(0);
  expect(executed).toBeLessThan(ACTIONS);
  const said = readFileSync(log, 'utf8');
  expect(said).toContain('the limit is 16384');
  expect(said.match(/dynamoDB action was not executed/g)).toHaveLength(ACTIONS - executed);
  const evaluation = await client.call('GET', '/_tripline/evaluations?keyValue=evil&maxResults=1');
  expect(JSON.stringify(evaluation)).toContain('dynamoDB action was not executed');

  // Kept unchanged, and not fired again.
  await server.stop('SIGKILL');
  await server.start();
  expect(await textOf('evil')).toBe(text);
  expect(await sent()).toBe(executed);
  // Other detectors are served, and so is this one.
  await send('good', 'double');
  expect(await textOf('good')).toBe('"xx"');
  await send('evil', 'none');
  await client.call('DELETE', '/detector-models/Attack');
  expect((await client.call('GET', '/detector-models')).detectorModelSummaries).toEqual([]);
  expect(await server.stop('SIGTERM')).toBe(0);
});

interface Described {
  readonly state: {
    readonly variables: readonly { readonly name: string; readonly value: string }[];
  };
}
