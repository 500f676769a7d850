import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { ApiClient } from '../../src/cli/client.ts';
import { main } from '../../src/cli/main.ts';
import { openLevelStore } from '../../src/store/level-store.ts';
import { startTestServer } from '../support/server.ts';
import { countingModel } from '../support/service.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

test('a model that keeps the server from starting is given up by the command that the server names', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tripline-repair-'));
  const dataDir = join(folder, 'data');
  const output: string[] = [];
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((text) => output.push(String(text)) > 0);
  const repair = (...args: string[]) => main(['node', 'tripline', 'repair', '--data-dir', ...args]);
  try {
    const first = await startTestServer({}, { dataDir });
    const client = new ApiClient(first.url);
    await client.call('POST', '/inputs', {
      inputName: 'I',
      inputDefinition: { attributes: [{ jsonPath: 'id' }] },
    });
    for (const name of ['Good', 'Poison'])
      await client.call('POST', '/detector-models', countingModel(name, 'I'));
    const payload = Buffer.from('{"id":"a"}').toString('base64');
    await client.call('POST', '/inputs/messages', {
      messages: [{ messageId: 'm', inputName: 'I', payload }],
    });
    expect(await repair(dataDir, '--drop-model', 'Poison')).toBe(1);
    expect(output.join('')).toContain('in use');
    await first.close();

    const store = await openLevelStore(dataDir);
    const rows: string[] = [];
    for await (const [key, text] of store.scan({ from: 'version/Poison/', to: 'version/Poison0' })) {
      rows.push(key);
      // Damaged by a fault, or written by a later version.
      await store.commit({ rows: [[key, text.replace('"Counting"', '"Counting')]] });
    }
    expect(rows).toHaveLength(1);
    await store.close();
    const why = await startTestServer({}, { dataDir }).catch((error: Error) => error.message);
    expect(why).toContain('version/Poison/0000000001 cannot be read');
    expect(why).toContain(`tripline repair --data-dir ${dataDir} --drop-model Poison`);

    output.length = 0;
    expect(await repair(dataDir, '--drop-model', 'Nobody')).toBe(1);
    expect(await repair(join(folder, 'none'), '--drop-model', 'Poison')).toBe(1);
    expect(await repair(dataDir, '--drop-model', 'Poison')).toBe(0);
    expect(output.join('')).toContain('Dropped the detector model Poison: 1 version, 1 detector\n');
    const again = await startTestServer({}, { dataDir });
    const now = new ApiClient(again.url);
    const { detectorModelSummaries } = await now.call('GET', '/detector-models');
    expect(detectorModelSummaries).toMatchObject([{ detectorModelName: 'Good' }]);
    const { detector } = await now.call('GET', '/detectors/Good/keyValues?keyValue=a');
    expect(detector).toMatchObject({ state: { variables: [{ name: 'n', value: '1' }] } });
    // The name is free again, and none of the old detectors reappears.
    await now.call('POST', '/detector-models', countingModel('Poison', 'I'));
    await expect(now.call('GET', '/detectors/Poison/keyValues?keyValue=a')).rejects.toThrow('not found');
    await again.close();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
