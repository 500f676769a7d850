import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { main } from '../../src/cli/main.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tripline-analyze-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

const example = (name: string) =>
  fileURLToPath(new URL(`../../examples/pump-station/${name}`, import.meta.url));

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const written = { out: '', err: '' };
  const keep = (stream: 'out' | 'err') => (chunk: unknown) => {
    written[stream] += String(chunk);
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(keep('out') as never);
  vi.spyOn(process.stderr, 'write').mockImplementation(keep('err') as never);
  const code = await main(['node', 'tripline', 'analyze', ...args]);
  vi.restoreAllMocks();
  return { code, ...written };
}

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
  expect(out).toContain(
    'ERROR   referenced-data  states[0].onInput.events[0]: Detected broken Timer: timer t',
  );
  expect(code).toBe(1);
});

test('a member that the API does not know is warned about, with the nearest one', async () => {
  const state = { ...DEFINITION.states[0], onEntry: {}, onInput: { event: [] } };
  const { out } = await run(file({ ...DEFINITION, states: [state] }));
  expect(out).toContain(
    'WARNING advice  states[0].onEntry: The API has no member onEntry (states[0]); it is left out. Did you mean onEnter?',
  );
  expect(out).toContain('it is left out. Did you mean events?');
});

test('an unknown action type is named', async () => {
  const actions = [{ SetVariable: { variableName: 'x', value: '1' } }];
  const onInput = { events: [{ eventName: 'e', condition: 'currentInput("I")', actions }] };
  const { code, out } = await run(file({ initialStateName: 'A', states: [{ stateName: 'A', onInput }] }));
  expect(out).toContain('Invalid action type present in action definition: {"SetVariable":');
  expect(out).toContain('There is no action type SetVariable. Did you mean setVariable?');
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
  });
});

test.each([
  ['{', 1, 'is not JSON'],
  ['7', 1, 'holds no object'],
  [{ states: [] }, 1, 'is no detector model: 2 validation errors detected'],
])('%j is refused', async (content, expected, message) => {
  const { code, err } = await run(file(content));
  expect(err).toContain(message);
  expect(code).toBe(expected);
});

test('a file that is not there is wrong use', async () => {
  const { code, err } = await run(join(folder, 'none.json'));
  expect([code, err]).toEqual([2, expect.stringContaining('cannot be read')]);
});
