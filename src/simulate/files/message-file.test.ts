import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readMessageFile } from './message-file.ts';

/** Bytes that Node reads at a time. */
const PIECE = 64 * 1024;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tripline-messages-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('only a mark at the beginning of a file is skipped', async () => {
  const path = join(folder, 'm.ndjson');
  const head = '\ufeff{"text":"';
  const filler = 'x'.repeat(PIECE - Buffer.byteLength(head));
  writeFileSync(path, `${head}${filler}\ufeffend"}\n`);
  const file = { name: 'm.ndjson', path, format: 'ndjson' } as const;
  const texts: string[] = [];
  for await (const piece of readMessageFile(file, { timeColumn: 'time', timePath: undefined }))
    for (const { result } of piece)
      if (result.ok && result.element.kind === 'message' && typeof result.element.payload === 'object')
        texts.push(result.element.payload.text);
  expect(texts).toEqual([`{"text":"${filler}\ufeffend"}`]);
});
