import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { resolveConfig, type ServeFlags } from './config.ts';

const folder = mkdtempSync(join(tmpdir(), 'tripline-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function resolve(settings: object, flags: ServeFlags = {}) {
  const config = join(folder, 'config.json');
  writeFileSync(config, JSON.stringify(settings));
  return resolveConfig({ ...flags, config }, {});
}

test('a cluster has no embedded broker unless a port is asked for, and then it says why not', () => {
  expect(resolve({ engine: 'restate' }).mqttPort).toBe(0);
  expect(resolve({ engine: 'restate', mqttPort: 0 }).mqttPort).toBe(0);
  const refused = '--engine restate has no embedded MQTT broker';
  expect(() => resolve({ engine: 'restate', mqttPort: 1883 })).toThrow(refused);
  expect(() => resolve({ engine: 'restate' }, { mqttPort: '1883' })).toThrow(refused);
});

test('flags win over the configuration file, and that over the defaults', () => {
  expect(resolve({ port: 9000 }).port).toBe(9000);
  expect(resolve({ port: 9000 }, { port: '9001' }).port).toBe(9001);
  expect(resolve({}).port).toBe(9470);
});
