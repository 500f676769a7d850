import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { importTexts } from '../../src/migrate/import.ts';
import { prepareRequests } from '../../src/simulate/files/load-models.ts';
import { runCli } from '../support/run-cli.ts';

/* Models that are not in the form of the API: what is wrong is told, and nothing crashes. */

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tripline-misshapen-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const EXAMPLES = new URL('../../examples/pump-station/', import.meta.url);
const read = (name: string) => JSON.parse(readFileSync(fileURLToPath(new URL(name, EXAMPLES)), 'utf8'));

const ALARM = {
  alarmModelName: 'Hot',
  roleArn: 'arn:aws:iam::000000000000:role/r',
  key: 'id',
  alarmRule: {
    simpleRule: { inputProperty: '$input.Heat.t', comparisonOperator: 'GREATER', threshold: '30' },
  },
  alarmNotification: {
    notificationActions: [
      {
        action: { lambdaAction: { functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:n' } },
        emailConfigurations: [
          {
            from: 'a@example.com',
            recipients: { to: [{ ssoIdentity: { identityStoreId: 'd-1', userId: 'u' } }] },
          },
        ],
      },
    ],
  },
  alarmEventActions: { alarmActions: [{ sqs: { queueUrl: 'https://example.com/q' } }] },
};

type Path = readonly (string | number)[];

function* pathsOf(value: unknown, path: Path = []): Generator<Path> {
  if (path.length > 0) yield path;
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value))
    yield* pathsOf(member, [...path, Array.isArray(value) ? Number(name) : name]);
}

function replaced(value: unknown, [first, ...rest]: Path, by: unknown): unknown {
  if (first === undefined) return by;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<
    string | number,
    unknown
  >;
  copy[first] = replaced(copy[first], rest, by);
  return copy;
}

const STRANGE = [undefined, null, 5, 'x', true, [], {}, [null], [1], { a: 1 }, 'unresolved(x)'];

test.each([
  ['a detector model', read('pump-pressure.json')],
  ['an alarm model', ALARM],
])('%s with anything in place of each of its parts', (_name, request) => {
  expect(prepareRequests([request])).toMatchObject({ problems: [], models: [{}] });
  for (const path of pathsOf(request))
    for (const strange of STRANGE) {
      const { models, problems } = prepareRequests([replaced(request, path, strange) as object]);
      // It runs, or there is a reason why it does not.
      expect(
        models.length + problems.length,
        `${path.join('.')}: ${JSON.stringify(strange)}`,
      ).toBeGreaterThan(0);
    }
});

describe('is told by', () => {
  const commands: [string, string[]][] = [
    ['simulate', ['--message', 'Heat={"id":"a"}']],
    ['analyze', []],
    ['import', []],
  ];
  const parts: [string, object][] = [
    ['alarmRule', { ...ALARM, alarmRule: 5 }],
    ['alarmNotification', { ...ALARM, alarmNotification: { notificationActions: [null] } }],
    [
      'detectorModelDefinition',
      {
        detectorModelName: 'M',
        roleArn: 'r',
        detectorModelDefinition: { initialStateName: 'S', states: [null] },
      },
    ],
    ['inputDefinition', { inputName: 'I', inputDefinition: { attributes: 'unresolved(x)' } }],
  ];
  test.each(
    commands.flatMap(([command, flags]) =>
      parts.map(([part, given]) => [command, part, flags, given] as const),
    ),
  )('%s: %s', async (command, _part, flags, given) => {
    const path = join(folder, 'given.json');
    writeFileSync(path, JSON.stringify([given, { ...ALARM, alarmModelName: 'Fine' }]));
    const { code, out, err } = await runCli(command, path, ...flags);
    const isInput = 'inputName' in given;
    expect(code).toBe(isInput ? 0 : 1);
    if (!isInput) expect(out + err).toMatch(/given\.json:1.*Member must/);
  });
});

test('names that every object has are ordinary names in a template', () => {
  const template = {
    Resources: {
      constructor: { Type: 'constructor', Properties: {} },
      I: {
        Type: 'AWS::IoTEvents::Input',
        Properties: {
          InputName: 'I',
          InputDescription: {
            'Fn::Join': ['', [{ Ref: 'constructor' }, { 'Fn::GetAtt': ['R', 'valueOf'] }]],
          },
          InputDefinition: { Attributes: [{ JsonPath: 'a' }] },
        },
      },
      R: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'r' } },
    },
  };
  const files = [{ path: 't.json', text: JSON.stringify(template), isNamed: true }];
  const { findings } = importTexts({ files });
  expect(findings.flatMap(({ reference }) => reference ?? [])).toEqual(
    expect.arrayContaining(['constructor', 'R.valueOf']),
  );
});
