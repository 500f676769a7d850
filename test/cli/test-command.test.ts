import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { runCli } from '../support/run-cli.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tripline-test-'));
  file('door.json', DOOR);
  file('hot.json', HOT);
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const ROLE = 'arn:aws:iam::000000000000:role/r';
const TOPIC = 'arn:aws:sns:us-east-1:000000000000:doors';

const DOOR = {
  detectorModelName: 'Door',
  key: 'id',
  roleArn: ROLE,
  detectorModelDefinition: {
    initialStateName: 'Closed',
    states: [
      {
        stateName: 'Closed',
        onInput: {
          transitionEvents: [
            {
              eventName: 'open',
              condition: '$input.Door.open == true',
              nextState: 'Open',
              actions: [
                { setVariable: { variableName: 'by', value: '$input.Door.by' } },
                { setTimer: { timerName: 'shut', seconds: 300 } },
                {
                  sns: {
                    targetArn: TOPIC,
                    payload: {
                      type: 'JSON',
                      contentExpression: `'{"door":"\${$input.Door.id}","n":\${1 + 1}}'`,
                    },
                  },
                },
              ],
            },
          ],
        },
      },
      {
        stateName: 'Open',
        onInput: {
          events: [
            {
              eventName: 'left open',
              condition: 'timeout("shut")',
              actions: [{ sqs: { queueUrl: 'https://sqs.us-east-1.amazonaws.com/000000000000/q' } }],
            },
          ],
          transitionEvents: [
            { eventName: 'close', condition: '$input.Door.open == false', nextState: 'Closed' },
          ],
        },
      },
    ],
  },
};

const HOT = {
  alarmModelName: 'Hot',
  roleArn: ROLE,
  alarmRule: {
    simpleRule: { inputProperty: '$input.Heat.t', comparisonOperator: 'GREATER', threshold: '30' },
  },
  alarmCapabilities: {
    initializationConfiguration: { disabledOnInitialization: false },
    acknowledgeFlow: { enabled: true },
  },
};

const opened = 'send: {payload: {id: d, open: true, by: 7.0}}';

/** One scenario of the door with these steps, in YAML. */
function door(...steps: string[]): string {
  const lines = steps.map((step) => `      - ${step}`).join('\n');
  return `models: [door.json]\nscenarios:\n  - name: s\n    key: d\n    steps:\n${lines}\n`;
}

interface Report {
  readonly files: readonly {
    readonly scenarios: readonly {
      readonly name: string;
      readonly status: string;
      readonly failures: readonly {
        readonly step: number;
        readonly path: string;
        readonly message: string;
      }[];
    }[];
  }[];
  readonly summary: object;
}

async function run(content: string, ...flags: string[]) {
  const result = await runCli('test', file('t.scenario.yaml', content), '--json', ...flags);
  const report = result.out === '' ? undefined : (JSON.parse(result.out) as Report);
  const scenarios = report?.files[0]?.scenarios ?? [];
  const failures = scenarios.flatMap(({ failures: own }) =>
    own.map(({ step, path, message }) => ({ step, path, message })),
  );
  return { ...result, report, scenarios, failures };
}

describe('expectations that hold', () => {
  test.each([
    ['a state', 'expect: {state: Open}'],
    ['a test of a state', 'expect: {state: {$ne: Closed}}'],
    ['variables by value', 'expect: {variables: {by: 7, other: null}}'],
    ['all variables', 'expect: {allVariables: {by: {$type: Decimal}}}'],
    ['timers', 'expect: {timers: {shut: 300, other: null}, allTimers: {shut: true}}'],
    ['actions', 'expect: {actions: [sns]}'],
    [
      'an action with all its parts',
      `expect: {actions: [{type: sns, model: Door, key: d, event: open, state: Closed, target: "${TOPIC}", payload: {door: d, n: 2}, request: {service: sns, operation: Publish, input: {TopicArn: "${TOPIC}"}}}]}`,
    ],
    ['the text of a payload', `expect: {actions: [{payload: '{"door":"d","n":2}'}]}`],
    ['a payload without other members', 'expect: {actions: [{payload: {$exact: {door: d, n: 2}}}]}'],
    ['an action among others', 'expect: {actionsInclude: [{event: open}]}'],
    ['no problems', 'expect: {noProblems: true}'],
    ['several detectors', 'expect: [{state: Open}, {key: e, exists: false}]'],
  ])('%s', async (_what, step) => {
    const { failures, code } = await run(door(opened, step));
    expect({ failures, code }).toEqual({ failures: [], code: 0 });
  });
});

describe('expectations that fail say where, what was expected and what was found', () => {
  test.each([
    ['expect: {state: Closed}', 'expect.state', 'expected "Closed", found "Open"'],
    ['expect: {variables: {by: 8}}', 'expect.variables.by', 'expected 8, found 7.0'],
    ['expect: {variables: {by: null}}', 'expect.variables.by', 'expected it not to be set, found 7.0'],
    ['expect: {variables: {other: 1}}', 'expect.variables.other', 'expected 1, found nothing'],
    ['expect: {allVariables: {}}', 'expect.allVariables.by', 'expected it not to be set'],
    ['expect: {timers: {shut: 299}}', 'expect.timers.shut', 'expected 299, found 300'],
    ['expect: {timers: {shut: false}}', 'expect.timers.shut', 'it has 300 s left'],
    ['expect: {timers: {other: true}}', 'expect.timers.other', 'it does not'],
    ['expect: {allTimers: {}}', 'expect.allTimers.shut', 'it has 300 s left'],
    ['expect: {actions: []}', 'expect.actions', 'expected 0 actions, found 1: sns'],
    ['expect: {actions: [{payload: {n: 3}}]}', 'expect.actions[0].payload.n', 'expected 3, found 2'],
    ['expect: {actionsInclude: [sns, sns]}', 'expect.actionsInclude[1]', 'expected it among the 1 action:'],
    ['expect: {noActions: true}', 'expect.noActions', 'expected no actions, found 1'],
    ['expect: {exists: false}', 'expect.exists', 'not to exist'],
    ['expect: [{state: Open}, {key: e, state: Open}]', 'expect[1].state', 'it does not exist'],
    ['send: {payload: {id: d}, rejected: true}', 'send.rejected', 'it was accepted'],
    ['send: {payload: {open: true}}', 'send.rejected', 'it was rejected: KEY'],
    [
      'send: [{payload: {id: d}}, {payload: {}, rejected: DUPLICATE}]',
      'send[1].rejected',
      'expected DUPLICATE, found KEY',
    ],
    ['setDetector: {state: Ajar}', 'setDetector', 'State Ajar does not exist'],
    ['setDetector: {key: a b, state: Open}', 'setDetector', "Value 'a b' at keyValue failed to satisfy"],
    ['deleteDetector: {key: e}', 'deleteDetector', 'has no detector e'],
  ])('%s', async (step, path, message) => {
    const { failures, code } = await run(door(opened, step));
    expect(failures).toEqual([{ step: 2, path, message: expect.stringContaining(message) }]);
    expect(code).toBe(1);
  });

  test('all that does not hold in a step, and nothing after it', async () => {
    const { failures } = await run(
      door(opened, 'expect: {state: Closed, variables: {by: 8}}', 'expect: {state: Closed}'),
    );
    expect(failures.map(({ step, path }) => [step, path])).toEqual([
      [2, 'expect.state'],
      [2, 'expect.variables.by'],
    ]);
  });

  test('an action that no expectation names, when the file is strict', async () => {
    const content = `strict: true\n${door(opened, 'expect: {state: Open}')}`;
    const { failures } = await run(content);
    expect(failures).toMatchObject([
      { step: 2, message: expect.stringContaining('no expectation names the action sns') },
    ]);
    expect((await run(content.replace('state: Open', 'actions: [sns]'))).code).toBe(0);
  });
});

describe('steps', () => {
  test('the window of actions begins after the last expectation about actions', async () => {
    const { failures } = await run(
      door(
        opened,
        'expect: {state: Open}',
        'expect: {actions: [sns]}',
        'advance: 5m',
        'expect: [{actions: [sqs]}, {actionsInclude: [sqs]}]',
        'expect: {noActions: true}',
      ),
    );
    expect(failures).toEqual([]);
  });

  test('time goes by, and up to a time', async () => {
    const { failures } = await run(
      `start: 2026-01-01T00:00:00Z\n${door(opened, 'advance: 299s', 'expect: {noProblems: true, timers: {shut: 1}}', 'advanceTo: 2026-01-01T00:05:00Z', 'expect: {timers: {shut: null}, actionsInclude: [sqs]}')}`,
    );
    expect(failures).toEqual([]);
  });

  test('a detector is put into a state and deleted', async () => {
    const { failures } = await run(
      door(
        'setDetector: {state: Open, variables: {by: "a ${$x} \\" b", n: 1.0}, timers: {shut: 60}}',
        'expect: {state: Open, allVariables: {by: "a ${$x} \\" b", n: {$type: Decimal}}, timers: {shut: 60}, noActions: true}',
        'advance: 60',
        'expect: {actions: [sqs]}',
        'deleteDetector: {}',
        'expect: {exists: false}',
      ),
    );
    expect(failures).toEqual([]);
  });

  test('a message that is sent twice is rejected once', async () => {
    const message = '{payload: {id: d}, messageId: one';
    const { failures } = await run(door(`send: [${message}}, ${message}, rejected: DUPLICATE}]`));
    expect(failures).toEqual([]);
  });

  test('an operator acts on an alarm, and is refused', async () => {
    const { failures } = await run(`models: [hot.json, door.json]
scenarios:
  - name: s
    model: Hot
    steps:
      - send: {input: Heat, payload: {t: 31}}
      - expect: {state: ACTIVE}
      - alarm: {action: acknowledge, note: seen}
      - alarm: {action: enable, rejected: STATE}
      - expect: {state: ACKNOWLEDGED}
      - alarm: {action: snooze, seconds: 60}
      - expect: {state: SNOOZE_DISABLED, timers: {snooze: 60}}
      - advance: 60
      - expect: {state: NORMAL, noProblems: true}
`);
    expect(failures).toEqual([]);
  });
});

describe('a detector model and an alarm model with one name', () => {
  const twins = (...steps: string[]) => {
    file('hot.json', { ...HOT, alarmModelName: 'Door' });
    const all = [
      'send: {input: Door, payload: {id: d, open: true, by: 7}}',
      'send: {input: Heat, payload: {t: 31}}',
      ...steps,
    ];
    const lines = all.map((step) => `      - ${step}\n`).join('');
    return `models: [hot.json, door.json]\nscenarios:\n  - name: s\n    steps:\n${lines}`;
  };

  test('are told apart by their kind', async () => {
    const { failures, err } = await run(
      twins(
        'expect: {model: Door, kind: detector, key: d, state: Open, timers: {shut: 300}}',
        'expect: {model: Door, kind: alarm, state: ACTIVE}',
        'setDetector: {model: Door, key: d, state: Closed}',
        'alarm: {model: Door, action: acknowledge}',
        'expect: {model: Door, kind: detector, key: d, state: Closed}',
        'deleteDetector: {model: Door, kind: alarm}',
        'expect: [{model: Door, kind: alarm, exists: false}, {model: Door, kind: detector, key: d, exists: true}]',
      ),
    );
    expect({ failures, err }).toEqual({ failures: [], err: '' });
  });

  test.each(['expect: {model: Door, key: d, state: Open}', 'deleteDetector: {model: Door, key: d}'])(
    'and must be: %s',
    async (step) => {
      const { code, err } = await run(twins(step));
      expect(err).toContain(
        'Door is the name of a detector model and of an alarm model; say which one with "kind"',
      );
      expect(code).toBe(2);
    },
  );

  test('are told apart in generated scenarios', async () => {
    file('hot.json', { ...HOT, alarmModelName: 'Door' });
    const out = join(folder, 'g.scenario.yaml');
    expect((await runCli('test', '--generate', folder, '--out', out)).code).toBe(0);
    const { code, err } = await runCli('test', out);
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });
});

test('what is listed twice holds twice', async () => {
  const { failures } = await run(
    door(
      opened,
      'expect: {variables: {by: 8}, allVariables: {by: 7}, timers: {shut: 1}, allTimers: {shut: true}}',
    ),
  );
  expect(failures.map(({ path }) => path)).toEqual(['expect.variables.by', 'expect.timers.shut']);
});

test('a detector that is expected not to exist has no state', async () => {
  const { failures } = await run(door('expect: {exists: false, state: Open}'));
  expect(failures.map(({ path }) => path)).toEqual(['expect.state']);
});

test('scenarios of several models are generated into their folder, and pass as they stand', async () => {
  // A message for the door has no key for the gate.
  const gate = { ...DOOR, detectorModelName: 'Gate', key: 'gate' };
  const models = join(folder, 'models');
  mkdirSync(models);
  writeFileSync(join(models, 'door.json'), JSON.stringify(DOOR));
  writeFileSync(join(models, 'gate.json'), JSON.stringify(gate));
  const out = join(models, 'generated.scenario.yaml');
  expect((await runCli('test', '--generate', models, '--out', out)).code).toBe(0);
  expect(readFileSync(out, 'utf8')).toContain('models: [.]');
  const { code, err } = await runCli('test', models);
  expect({ code, err }).toEqual({ code: 0, err: '' });
});

describe('examples', () => {
  test('fill placeholders with values of their type and text as written', async () => {
    const { scenarios } = await run(`models: [door.json]
scenarios:
  - name: "by {{by}}"
    key: d
    examples: [{by: 10.0, open: true}, {by: 10, open: true}, {by: x, open: false}, {by: x, open: false}]
    steps:
      - send: {payload: {id: d, open: "{{open}}", by: "{{by}}", text: "{{by}}!"}}
      - expect: {variables: {by: {$type: Decimal}}}
`);
    expect(scenarios.map(({ name, status }) => [name, status])).toEqual([
      ['by 10.0', 'passed'],
      ['by 10', 'failed'],
      ['by x #1', 'failed'],
      ['by x #2', 'failed'],
    ]);
  });
});

describe('what cannot run exits with 2 and is named with its place', () => {
  const scenario = (rest: string) => `models: [door.json]\nscenarios:\n  - name: s\n${rest}`;
  test.each([
    ['models: [door.json]\nscenaros: []\n', 't.scenario.yaml:2: scenaros: There is no such member'],
    ['models: [door.json]\n', 'scenarios is missing'],
    ['- 1\n', 'A scenario file is an object'],
    ['models: [\n', 't.scenario.yaml:2:'],
    [scenario('    stepz: []\n'), 'scenarios[0].stepz: There is no such member'],
    [
      scenario('    steps: [{send: {payload: {}}, advance: 1}]\n'),
      'scenarios[0].steps[0]: A step has exactly one of',
    ],
    [scenario('    steps: [{}]\n'), 'A step has exactly one of'],
    [scenario('    steps: [{advance: soon}]\n'), 'scenarios[0].steps[0].advance: soon is not a duration'],
    [
      scenario('    steps: [{expect: {stat: Open}}]\n'),
      'scenarios[0].steps[0].expect.stat: There is no such member',
    ],
    [scenario('    steps: [{expect: {state: {$foo: 1}}}]\n'), 'There is no test $foo'],
    [scenario('    steps: [{expect: {state: {$matches: "("}}}]\n'), 'is not a regular expression'],
    [
      scenario('    steps: []\n  - name: s\n    steps: []\n'),
      'scenarios[1].name: "s" is also the name of scenarios[0]',
    ],
    [scenario('    examples: [{a: 1}]\n    steps: [{send: {payload: {id: "{{b}}"}}}]\n'), 'the row has no b'],
    [
      scenario('    steps: [{expect: {model: Dor, state: Open}}]\n'),
      'there is no detector or alarm model Dor, only Door',
    ],
    ['models: [door.json]\nscenarios: []\n', 'scenarios: must not be empty'],
    ['models: [absent.json]\nscenarios: [{name: s, steps: []}]\n', 'there is no such file'],
    ['models: [wrong.json]\nscenarios: [{name: s, steps: []}]\n', 'initialStateName Ajar'],
  ])('%j', async (content, message) => {
    const wrong = structuredClone(DOOR);
    wrong.detectorModelDefinition.initialStateName = 'Ajar';
    file('wrong.json', wrong);
    const { code, out, err } = await run(content);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
  });

  test.each([
    [['--generate', 'door.json', 'hot.json'], '--generate takes one model, door.json, and no other path'],
    [['--generate', 'door.json', '--tag', 'x'], 'cannot be used with'],
    [['--generate', 'door.json', '--json'], 'cannot be used with'],
    [['.', '--out', 'x.yaml'], '--out is only for --generate'],
    [['.', '--parameter', 'A=1'], '--parameter is only for --generate'],
  ])('flags that do not go together: %j', async (args, message) => {
    const { code, out, err } = await runCli('test', ...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
  });

  test('nothing to run', async () => {
    mkdirSync(join(folder, 'empty'));
    expect((await runCli('test', join(folder, 'empty'))).code).toBe(2);
    const absent = await runCli('test', join(folder, 'absent'));
    expect(absent).toMatchObject({
      code: 2,
      err: expect.stringMatching(/absent cannot be read: there is no such/),
    });
    expect((await run(door(opened), '--tag', 'none')).code).toBe(2);
    expect((await run(door(opened), '--name', 'other')).code).toBe(2);
  });
});

test('tags and names select, and the others are skipped', async () => {
  const content = `tags: [all]
models: [door.json]
scenarios:
  - {name: first, tags: [quick], steps: []}
  - {name: second, steps: []}
`;
  const selected = async (...flags: string[]) => (await run(content, ...flags)).report?.summary;
  expect(await selected('--tag', 'quick')).toEqual({ passed: 1, failed: 0, skipped: 1 });
  expect(await selected('--tag', 'all')).toEqual({ passed: 2, failed: 0, skipped: 0 });
  expect(await selected('--tag', 'quick', '--tag', 'other', '--name', 'irs')).toEqual({
    passed: 1,
    failed: 0,
    skipped: 1,
  });
});

test('a payload that is sent encoded is matched as it is written and as it is sent', async () => {
  const encoded = JSON.parse(
    JSON.stringify(DOOR).replace(
      '/q"}',
      '/q","useBase64":true,"payload":{"type":"STRING","contentExpression":"\'left\'"}}',
    ),
  );
  file('encoded.json', encoded);
  const content = (payload: string) =>
    door(opened, 'advance: 300', `expect: {actionsInclude: [{type: sqs, payload: ${payload}}]}`).replace(
      'door.json',
      'encoded.json',
    );
  const codes: number[] = [];
  for (const payload of ['left', 'bGVmdA==', 'right']) codes.push((await run(content(payload))).code);
  expect(codes).toEqual([0, 0, 1]);
});

test('models may be named by absolute paths', async () => {
  const content = door(opened, 'expect: {state: Open}').replace('door.json', join(folder, 'door.json'));
  expect((await run(content)).code).toBe(0);
});

test('a file may be one scenario itself, in JSON too', async () => {
  file('one.scenario.json', {
    models: ['door.json'],
    name: 'one',
    key: 'd',
    steps: [{ send: { payload: { id: 'd' } } }, { expect: { state: 'Closed' } }],
  });
  const { code, out } = await runCli('test', folder);
  expect(code).toBe(0);
  expect(out).toMatch(/passed {2}one .*\n\n1 scenario: 1 passed, 0 failed\n$/s);
});

test('coverage counts what was reached and names what was not', async () => {
  const path = join(folder, 'coverage.json');
  const { code, err, report } = await run(door(opened), '--coverage-json', path, '--min-coverage', '80');
  const expected = {
    percent: 50,
    models: [
      {
        modelName: 'Door',
        states: { covered: 2, total: 2, uncovered: [] },
        transitions: {
          covered: 1,
          total: 2,
          uncovered: [{ place: 'states[1].onInput.transitionEvents[0]', state: 'Open', eventName: 'close' }],
        },
        events: {
          covered: 0,
          total: 1,
          uncovered: [{ place: 'states[1].onInput.events[0]', state: 'Open', eventName: 'left open' }],
        },
        conditions: {
          covered: 1,
          total: 6,
          uncovered: [
            {
              place: 'states[0].onInput.transitionEvents[0]',
              state: 'Closed',
              eventName: 'open',
              missing: ['false'],
            },
            {
              place: 'states[1].onInput.events[0]',
              state: 'Open',
              eventName: 'left open',
              missing: ['true', 'false'],
            },
            {
              place: 'states[1].onInput.transitionEvents[0]',
              state: 'Open',
              eventName: 'close',
              missing: ['true', 'false'],
            },
          ],
        },
      },
    ],
  };
  // 4 of 11 goals.
  expected.percent = 36.4;
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(expected);
  expect(report).toMatchObject({ coverage: expected });
  expect(code).toBe(1);
  expect(err).toContain('coverage is 36.4 %, less than 80 %');
});

test('setDetector covers nothing', async () => {
  const { report } = await run(door('setDetector: {state: Open}'), '--coverage');
  expect(report).toMatchObject({ coverage: { percent: 0 } });
});

test('JUnit XML has a suite a file and a case a scenario', async () => {
  const path = join(folder, 'junit.xml');
  const content = `${door(opened, 'expect: {variables: {by: "<&>"}}')}  - {name: second, steps: []}\n  - {name: third, tags: [t], steps: []}\n`;
  await run(content, '--junit', path, '--name', 's');
  const xml = readFileSync(path, 'utf8').replaceAll(/time="[\d.]+"/g, 'time=""');
  const suite = join(folder, 't.scenario.yaml');
  expect(xml).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="3" failures="1" skipped="1" time="">
  <testsuite name="${suite}" tests="3" failures="1" skipped="1" time="">
    <testcase name="s" classname="${suite}" time="">
      <failure message="step 2, expect.variables.by: expected &quot;&lt;&amp;&gt;&quot;, found 7.0">step 2, expect.variables.by: expected &quot;&lt;&amp;&gt;&quot;, found 7.0</failure>
    </testcase>
    <testcase name="second" classname="${suite}" time=""/>
    <testcase name="third" classname="${suite}" time="">
      <skipped/>
    </testcase>
  </testsuite>
</testsuites>
`);
});

test('scenarios of a template are generated with its parameters, and pass as they stand', async () => {
  const template = file(
    'hot.yaml',
    `Parameters: {Limit: {Type: Number}}
Resources:
  Hot:
    Type: AWS::IoTEvents::AlarmModel
    Properties:
      RoleArn: ${ROLE}
      AlarmRule: {SimpleRule: {InputProperty: $input.Heat.t, ComparisonOperator: GREATER, Threshold: !Ref Limit}}
`,
  );
  const out = join(folder, 'generated.scenario.yaml');
  expect((await runCli('test', '--generate', template, '--parameter', 'Limit=30', '--out', out)).code).toBe(
    0,
  );
  expect(readFileSync(out, 'utf8')).toContain('parameters: {Limit: "30"}');
  expect((await runCli('test', out)).code).toBe(0);
  const missing = await runCli('test', '--generate', template, '--parameter', 'Limt=30');
  expect(missing).toMatchObject({
    code: 2,
    err: expect.stringContaining('no template or module has a parameter'),
  });
});

test('--watch runs again when a scenario or a model changes, until it is interrupted', async () => {
  const path = file('w.scenario.yaml', door(opened, 'expect: {state: Open}'));
  const bin = fileURLToPath(new URL('../../bin/tripline.js', import.meta.url));
  const child = spawn(process.execPath, [bin, 'test', path, '--watch'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  const ended = once(child, 'exit');
  const shows = (text: string) =>
    vi.waitFor(() => expect(output).toContain(text), { timeout: 25_000, interval: 20 });
  try {
    await shows('Waiting for changes');
    output = '';
    // The watcher may miss a change made before its first look, so the change is repeated until it is seen.
    const changing = setInterval(
      () => file('door.json', JSON.stringify(DOOR).replaceAll('"Open"', '"Ajar"')),
      200,
    );
    try {
      await shows('expected "Open", found "Ajar"');
    } finally {
      clearInterval(changing);
    }
    output = '';
    file('w.scenario.yaml', door(opened, 'expect: {state: Ajar}'));
    await shows('1 passed, 0 failed');
    output = '';
    file('w.scenario.yaml', 'models: [\n');
    await shows('tripline: ');
  } finally {
    child.kill('SIGINT');
  }
  expect(await ended).toEqual([0, null]);
});
