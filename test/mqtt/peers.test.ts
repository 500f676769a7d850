import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { connectAsync } from 'mqtt';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ANONYMOUS } from '../../src/ingest/mqtt/principal.ts';
import { type BrokerRig, openBrokerRig } from '../support/broker-rig.ts';
import {
  type CertificateFiles,
  hasOpenssl,
  makeAuthority,
  makeCertificate,
} from '../support/certificates.ts';
import { missingPython, runPython } from '../support/python.ts';

/** The embedded broker with the MQTT libraries that devices use, in clear text and with client certificates. */
const hasClients = ['mosquitto_pub', 'mosquitto_sub'].every(
  (name) => spawnSync(name, ['--help']).error === undefined,
);
const noPaho = missingPython('paho.mqtt.client');
const WALK = fileURLToPath(new URL('python/walk.py', import.meta.url));
const run = promisify(execFile);

interface Way {
  readonly port: number;
  readonly files?: CertificateFiles & { readonly ca: string };
}

describe.each(['clear text', 'client certificates'])('in %s', (kind) => {
  const isSecure = kind === 'client certificates';
  const canRun = !isSecure || hasOpenssl;
  let folder: string;
  let rig: BrokerRig;
  let way: Way;
  beforeAll(async () => {
    if (!canRun) return;
    folder = mkdtempSync(join(tmpdir(), 'tripline-peers-'));
    if (isSecure) {
      const authority = makeAuthority(folder, 'authority');
      const server = makeCertificate(folder, 'server', authority);
      const tls = {
        ...{
          cert: readFileSync(server.cert),
          key: readFileSync(server.key),
          ca: readFileSync(authority.cert),
        },
        ...{ requestCert: true, rejectUnauthorized: true },
      };
      rig = await openBrokerRig({
        tls,
        authenticate: async ({ certificate }) => (certificate === undefined ? undefined : ANONYMOUS),
      });
      way = {
        port: rig.port,
        files: { ca: authority.cert, ...makeCertificate(folder, 'device', authority) },
      };
      return;
    }
    rig = await openBrokerRig();
    way = { port: rig.port };
  });
  afterAll(async () => {
    if (!canRun) return;
    await rig.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test.runIf(canRun)('MQTT.js', async () => {
    const { port, files } = way;
    const options = files && {
      ca: readFileSync(files.ca),
      cert: readFileSync(files.cert),
      key: readFileSync(files.key),
    };
    const client = await connectAsync(`${files ? 'mqtts' : 'mqtt'}://127.0.0.1:${port}`, options);
    const got: string[] = [];
    client.on('message', (_topic, payload) => got.push(payload.toString()));
    await client.subscribeAsync('js/#', { qos: 2 });
    for (const qos of [0, 1, 2] as const) await client.publishAsync('js/a', `q${qos}`, { qos });
    await vi.waitFor(() => expect(got).toEqual(['q0', 'q1', 'q2']));
    await client.endAsync();
  });

  test.runIf(canRun && noPaho === undefined)(
    `Eclipse Paho for Python${noPaho === undefined ? '' : ` (skipped: ${noPaho})`}`,
    async () => {
      const { sessionPresent, got } = JSON.parse(
        await runPython([WALK], {}, JSON.stringify({ port: way.port, ...way.files })),
      ) as { sessionPresent: boolean; got: unknown[] };
      expect(sessionPresent).toBe(true);
      expect(got).toEqual(Array.from({ length: 20 }, (_, n) => [`paho/${n}`, String(n), 1]));
    },
  );

  test.runIf(canRun && hasClients)(
    `the clients of Mosquitto${hasClients ? '' : ' (skipped: mosquitto-clients is not installed)'}`,
    async () => {
      const { port, files } = way;
      const secure = files ? ['--cafile', files.ca, '--cert', files.cert, '--key', files.key] : [];
      const common = ['-h', '127.0.0.1', '-p', String(port), '-q', '1', ...secure];
      const subscriber = spawn('mosquitto_sub', [
        ...common,
        '-t',
        'm/#',
        '-v',
        '-C',
        '3',
        '-i',
        `sub-${kind}`,
      ]);
      const closed = once(subscriber, 'close');
      let output = '';
      subscriber.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
      await vi.waitFor(() => expect(rig.events(`sub-${kind}`).at(-1)?.eventType).toBe('subscribed'), {
        timeout: 5000,
      });
      for (const payload of ['1', '2', '3'])
        await run('mosquitto_pub', [...common, '-t', `m/${payload}`, '-m', payload]);
      await closed;
      expect(output).toBe('m/1 1\nm/2 2\nm/3 3\n');
    },
  );
});
