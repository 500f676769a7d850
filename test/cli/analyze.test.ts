import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCli } from '../support/run-cli.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tripline-analyze-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const example = (name: string) =>
  fileURLToPath(new URL(`../../examples/pump-station/${name}`, import.meta.url));

const run = (...args: string[]) => runCli('analyze', ...args);

function file(content: unknown): string {
  const path = join(folder, 'model.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const DEFINITION = {
  initialStateName: 'A',
  states: [
    {
      stateName: 'A',
      onEnter: null,
      onInput: {
        events: [{ eventName: 'e', condition: '$input.Pump.presure > 1 && timeout("t")', actions: null }],
      },
    },
  ],
};

test('the example has nothing against it', async () => {
  const { code, out } = await run(example('pump-pressure.json'), '--input', example('inputs.json'));
  expect(out).toMatch(/\n0 errors, \d+ warnings, \d+ notes\n$/);
  expect(code).toBe(0);
});

test.each([
  ['a definition', DEFINITION],
  ['a request', { detectorModelName: 'M', detectorModelDefinition: DEFINITION }],
  ['an export', { detectorModel: { detectorModelDefinition: DEFINITION, detectorModelConfiguration: {} } }],
])('an ERROR in %s is exit code 1', async (_name, content) => {
  const { code, out } = await run(file(content));
  expect(out).toContain(', states[0].onInput.events[0]: Detected broken Timer: timer t');
  const [, line = '', carets = ''] = out.slice(out.indexOf('Detected broken Timer')).split('\n');
  expect(line.slice(0, carets.indexOf('^') + 1)).toMatch(/timeout\(\\?"t$/);
  expect(code).toBe(1);
});

test('a member that the API does not know is warned about, with the nearest one', async () => {
  const state = { ...DEFINITION.states[0], onEntry: {}, onInput: { event: [] } };
  const { out } = await run(file({ ...DEFINITION, states: [state] }));
  expect(out).toContain(
    'The API has no member onEntry (detectorModelDefinition.states[0]); it is left out. Did you mean onEnter?',
  );
  expect(out).toContain('it is left out. Did you mean events?');
});

test('an unknown action type is named', async () => {
  const actions = [{ setVariabl: { variableName: 'x', value: '1' } }];
  const onInput = { events: [{ eventName: 'e', condition: 'currentInput("I")', actions }] };
  const { code, out } = await run(file({ initialStateName: 'A', states: [{ stateName: 'A', onInput }] }));
  expect(out).toContain('Invalid action type present in action definition: {"setVariabl":');
  expect(out).toContain('There is no action type setVariabl. Did you mean setVariable?');
  expect(code).toBe(1);
});

test('JSON for programs, with the inputs known', async () => {
  const input = join(folder, 'input.json');
  writeFileSync(
    input,
    JSON.stringify({ inputName: 'Pump', inputDefinition: { attributes: [{ jsonPath: 'pressure' }] } }),
  );
  const { out } = await run(file(DEFINITION), '--input', input, '--json');
  expect(JSON.parse(out).findings).toContainEqual({
    type: 'advice',
    level: 'WARNING',
    message: 'Input Pump declares no attribute presure. Did you mean pressure?',
    locations: [{ path: 'states[0].onInput.events[0]' }],
    name: 'model',
    file: join(folder, 'model.json'),
    line: 1,
    column: JSON.stringify(DEFINITION).indexOf('presure') + 1,
  });
});

test.each([
  ['{', 'not JSON'],
  ['7', 'is not recognised'],
  [{ inputName: 'I', inputDefinition: { attributes: [{ jsonPath: 'a' }] } }, 'no detector model'],
])('%j is wrong use', async (content, message) => {
  const { code, err, out } = await run(file(content));
  expect(err).toContain(message);
  expect([code, out]).toEqual([2, '']);
});

test('a definition that the API would refuse is exit code 1', async () => {
  const { code, out } = await run(file({ states: [] }));
  expect(out).toContain("at 'detectorModelDefinition.initialStateName' failed to satisfy constraint");
  expect(code).toBe(1);
});

const BROKEN = '$input.I.a > > 1';

test.each([
  [
    'model.yaml',
    `Resources:
  M:
    Type: AWS::IoTEvents::DetectorModel
    Properties:
      RoleArn: r
      DetectorModelDefinition:
        InitialStateName: A
        States:
          - StateName: A
            OnInput:
              Events:
                - EventName: e
                  Condition: !Join ['', ['$input.', 'I.a > > 1']]
`,
    13,
    "Condition: !Join ['', ['$input.', 'I.a > > 1']]",
  ],
  [
    'folded.yaml',
    `initialStateName: A
states:
  - stateName: A
    onInput:
      events:
        - eventName: e
          condition: |
            true &&
              ${BROKEN}
`,
    9,
    '$input.I.a > > 1',
  ],
  [
    'main.tf',
    `resource "awscc_iotevents_detector_model" "m" {
  role_arn = "r"
  detector_model_definition = {
    initial_state_name = "A"
    states = [{
      state_name = "A"
      on_input = { events = [{ event_name = "e", condition = "${BROKEN}" }] }
    }]
  }
}
`,
    7,
    'condition = "$input.I.a > > 1"',
  ],
])('%s: the line and the caret are those of the file', async (name, content, line, shown) => {
  const column = (content.split('\n')[line - 1] ?? '').lastIndexOf('>') + 1;
  const path = join(folder, name);
  writeFileSync(path, content);
  const sarif = join(folder, 'log.sarif');
  const { out } = await run(path, '--sarif', sarif);
  expect(out).toContain(`${path}:${line}:${column}: ERROR expression-syntax`);
  const [text = '', carets = ''] = out.slice(out.indexOf(`\n    ${line} | `) + 1).split('\n');
  expect(text).toContain(shown);
  expect(text.charAt(carets.indexOf('^'))).toBe('>');
  const { runs } = JSON.parse(readFileSync(sarif, 'utf8'));
  const [{ tool, results }] = runs;
  const result = results.find(({ ruleId }: { ruleId: string }) => ruleId === 'expression-syntax');
  expect(tool.driver.rules[result.ruleIndex]).toEqual({ id: 'expression-syntax' });
  expect(result).toMatchObject({
    level: 'error',
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: path },
          region: { startLine: line, startColumn: column, endLine: line, endColumn: column + 1 },
        },
      },
    ],
  });
});

test('a file that is not there is wrong use', async () => {
  const { code, err } = await run(join(folder, 'none.json'));
  expect([code, err]).toEqual([2, expect.stringContaining('cannot be read')]);
});
