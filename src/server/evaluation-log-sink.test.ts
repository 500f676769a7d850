import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { quietLog } from '../../test/support/quiet.ts';
import { openEvaluationLog } from './evaluation-log-sink.ts';
import { CommandError } from './usage-error.ts';

const folder = mkdtempSync(join(tmpdir(), 'tripline-log-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('entries are lines, appended to the existing file', async () => {
  const path = join(folder, 'new', 'evaluations.log');
  for (const entry of ['{"a":1}', '{"a":2}']) {
    const sink = openEvaluationLog(path, quietLog);
    sink.write(entry);
    await sink.close();
  }
  expect(readFileSync(path, 'utf8')).toBe('{"a":1}\n{"a":2}\n');
});

test('a file that cannot be opened is reported with its flag', () => {
  expect(() => openEvaluationLog(folder, quietLog)).toThrow(CommandError);
  expect(() => openEvaluationLog(folder, quietLog)).toThrow(`--evaluation-log ${folder} cannot be opened`);
});

test('a failing write is logged once, and closing finishes', async () => {
  const logged: string[] = [];
  const sink = openEvaluationLog('/dev/full', {
    ...quietLog,
    error: (_: object, message: string) => logged.push(message),
  });
  sink.write('{}');
  await expect.poll(() => logged).toHaveLength(1);
  sink.write('{}');
  await sink.close();
  expect(logged).toEqual(['the evaluation log cannot be written']);
});

test('past the limit of waiting bytes, entries are dropped and counted', async () => {
  const logged: [object, string][] = [];
  const log = { ...quietLog, error: (fields: object, message: string) => logged.push([fields, message]) };
  const sink = openEvaluationLog(join(folder, 'slow.log'), log);
  const entry = 'x'.repeat(1024 * 1024);
  // All in one turn of the event loop, so that nothing can be written in between.
  for (let n = 0; n < 40; n++) sink.write(entry);
  await sink.close();
  expect(logged.map(([, message]) => message)).toEqual([
    'the evaluation log cannot keep up: entries are dropped',
    'entries of the evaluation log were dropped',
  ]);
  expect(logged[1]?.[0]).toHaveProperty('dropped', expect.any(Number));
  const lines = readFileSync(join(folder, 'slow.log'), 'utf8').trimEnd().split('\n');
  expect(lines.every((line) => line === entry)).toBe(true);
  expect(lines.length).toBeLessThan(40);
});
