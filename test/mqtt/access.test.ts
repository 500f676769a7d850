import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectSocket } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { hashPassword } from '../../src/ingest/mqtt/password-hash.ts';
import { hasOpenssl, makeAuthority, makeCertificate } from '../support/certificates.ts';
import { startTestServer } from '../support/server.ts';
import { freePort } from '../support/server-process.ts';

/** Authentication at the embedded broker of a real server: access keys, devices, client certificates, none. */
const KEY = { accessKeyId: 'AKIAPLANT', secretAccessKey: 'right-secret' };
const AS_KEY = { username: KEY.accessKeyId, password: KEY.secretAccessKey };
const HASH = await hashPassword('device-secret');

let folder: string;
let port: number;
let closing: (() => unknown)[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tripline-mqtt-access-'));
  port = await freePort();
  closing = [];
});
afterEach(async () => {
  for (const close of closing.reverse()) await close();
  rmSync(folder, { recursive: true, force: true });
});

function write(name: string, content: object): string {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(content), { mode: 0o600 });
  return path;
}

const credentials = (...keys: object[]) => write('credentials', { credentials: keys });
const devices = (...list: object[]) => write('devices', { devices: list });

async function start(settings: Parameters<typeof startTestServer>[1]): Promise<void> {
  const server = await startTestServer({}, { mqttPort: port, ...settings });
  closing.push(() => server.dispose());
}

async function connect(options: IClientOptions = {}, url = `mqtt://127.0.0.1:${port}`): Promise<MqttClient> {
  const client = await connectAsync(url, { reconnectPeriod: 0, ...options }, false);
  client.on('error', () => {});
  closing.push(() => client.endAsync(true));
  return client;
}

const closed = (client: MqttClient) => new Promise<void>((resolve) => client.once('close', resolve));

test('without credentials everybody on this machine may connect', async () => {
  await start({});
  await (await connect()).publishAsync('a', 'x', { qos: 1 });
});

describe('with access keys', () => {
  test('a client needs one, as user name and password', async () => {
    await start({ credentials: credentials(KEY) });
    await expect(connect()).rejects.toThrow('Not authorized');
    await expect(connect({ ...AS_KEY, password: 'wrong' })).rejects.toThrow('Not authorized');
    await expect(connect({ username: KEY.accessKeyId })).rejects.toThrow('Not authorized');
    await (await connect(AS_KEY)).publishAsync('a', 'x', { qos: 1 });
  });

  test('the policy of a key holds, with the actions and resources of AWS IoT', async () => {
    const allow = (action: string, resource: string) => ({
      ...{
        Effect: 'Allow',
        Action: `iot:${action}`,
        Resource: `arn:aws:iot:us-east-1:000000000000:${resource}`,
      },
    });
    const Statement = [
      allow('Connect', 'client/pump-*'),
      allow('Publish', 'topic/pumps/*'),
      allow('Subscribe', 'topicfilter/commands/*'),
      allow('Receive', 'topic/commands/1'),
    ];
    const denied = { accessKeyId: 'AKIADENIED', secretAccessKey: 's', policy: { Statement: [] } };
    await start({ credentials: credentials({ ...KEY, policy: { Statement } }, denied) });
    await expect(connect({ username: 'AKIADENIED', password: 's' })).rejects.toThrow('Not authorized');
    await expect(connect({ ...AS_KEY, clientId: 'valve' })).rejects.toThrow('Not authorized');
    const client = await connect({ ...AS_KEY, clientId: 'pump-1' });
    await expect(client.subscribeAsync('#')).rejects.toThrow();
    await client.subscribeAsync('commands/+');
    await client.publishAsync('pumps/1', 'x', { qos: 1 });
    const gone = closed(client);
    client.publish('valves/1', 'x', { qos: 1 }, () => {});
    await gone;
  });

  test('a key that is removed ends its sessions', async () => {
    credentials(KEY, { ...KEY, accessKeyId: 'AKIAOTHER' });
    await start({ credentials: join(folder, 'credentials') });
    const [client, other] = [await connect(AS_KEY), await connect({ ...AS_KEY, username: 'AKIAOTHER' })];
    const gone = closed(client);
    credentials({ ...KEY, accessKeyId: 'AKIAOTHER' });
    process.emit('SIGHUP');
    await gone;
    await other.publishAsync('a', 'x', { qos: 1 });
    await expect(connect(AS_KEY)).rejects.toThrow('Not authorized');
  });
});

describe('with a devices file', () => {
  const pump = { name: 'pump-7', password: HASH, publish: ['pumps/${clientId}/#'] };
  const AS_PUMP = { username: 'pump-7', password: 'device-secret', clientId: 'pump-7' };

  test('a device needs its password and its client id, and may do what its entry says', async () => {
    await start({ devices: devices(pump) });
    await expect(connect()).rejects.toThrow('Not authorized');
    await expect(connect({ ...AS_PUMP, clientId: 'pump-8' })).rejects.toThrow('Not authorized');
    const client = await connect(AS_PUMP);
    await client.publishAsync('pumps/pump-7/status', 'x', { qos: 1 });
    await expect(client.subscribeAsync('pumps/#')).rejects.toThrow();
    const gone = closed(client);
    client.publish('pumps/pump-8/status', 'x', { qos: 1 }, () => {});
    await gone;
  });

  test('a device that is removed is disconnected', async () => {
    await start({ devices: devices(pump), credentials: credentials(KEY) });
    const [client, key] = [await connect(AS_PUMP), await connect(AS_KEY)];
    const gone = closed(client);
    devices();
    process.emit('SIGHUP');
    await gone;
    await key.publishAsync('a', 'x', { qos: 1 });
  });

  test('a file that cannot be used keeps the server from starting', async () => {
    await expect(start({ devices: devices({ name: 'a', password: 'plain' }) })).rejects.toThrow('not a hash');
  });
});

describe.runIf(hasOpenssl)(
  `with TLS${hasOpenssl ? '' : ' (skipped: no openssl to make certificates)'}`,
  () => {
    async function startTls(settings: object = {}) {
      const [authority, stranger] = [makeAuthority(folder, 'authority'), makeAuthority(folder, 'stranger')];
      const server = makeCertificate(folder, 'server', authority);
      const tlsPort = await freePort();
      const clientCa = {
        tlsCert: server.cert,
        tlsKey: server.key,
        mqttTlsPort: tlsPort,
        mqttClientCa: authority.cert,
      };
      await start({ ...clientCa, ...settings });
      const ca = readFileSync(authority.cert);
      const url = `mqtts://127.0.0.1:${tlsPort}`;
      const withCertificate = (name: string, by = authority) => {
        const { cert, key } = makeCertificate(folder, name, by);
        return { ca, cert: readFileSync(cert), key: readFileSync(key) };
      };
      return { url, ca, stranger, withCertificate };
    }

    test('a client certificate of the authority is enough; nothing, and one of another, is not', async () => {
      const { url, ca, stranger, withCertificate } = await startTls();
      await (await connect(withCertificate('pump-7'), url)).publishAsync('a', 'x', { qos: 1 });
      await expect(connect({ ca }, url)).rejects.toThrow('Not authorized');
      await expect(connect(withCertificate('fake', stranger), url)).rejects.toThrow('Not authorized');
    });

    test('with a devices file the certificate must be one of it, or a password be given', async () => {
      const { url, ca, withCertificate } = await startTls({
        devices: devices(
          { name: 'pump-7', certificate: 'pump-7', publish: ['#'] },
          { name: 'gateway', password: HASH, publish: ['#'] },
        ),
      });
      const client = await connect({ ...withCertificate('pump-7'), clientId: 'pump-7' }, url);
      await client.publishAsync('a', 'x', { qos: 1 });
      await expect(connect(withCertificate('pump-8'), url)).rejects.toThrow('Not authorized');
      await connect({ ca, username: 'gateway', password: 'device-secret', clientId: 'gateway' }, url);
      const gone = closed(client);
      devices({ name: 'gateway', password: HASH });
      process.emit('SIGHUP');
      await gone;
    });

    test('access keys are taken there too', async () => {
      const { url, ca } = await startTls({ credentials: credentials(KEY), mqttClientCa: undefined });
      await connect({ ca, ...AS_KEY }, url);
      await expect(connect({ ca }, url)).rejects.toThrow('Not authorized');
    });
  },
);

const outside = Object.values(networkInterfaces())
  .flat()
  .find((each) => each?.family === 'IPv4' && !each.internal)?.address;

test.runIf(outside)(
  `clear text stays on this machine${outside ? '' : ' (skipped: no other interface)'}`,
  async () => {
    const canReach = () =>
      new Promise<boolean>((resolve) => {
        const socket = connectSocket(port, outside as string, () => resolve(true)).on('error', () =>
          resolve(false),
        );
        closing.push(() => socket.destroy());
      });
    await start({ host: '0.0.0.0', credentials: credentials(KEY) });
    await connect(AS_KEY);
    expect(await canReach()).toBe(false);
    port = await freePort();
    await start({ host: '0.0.0.0', insecure: true });
    await vi.waitFor(async () => expect(await canReach()).toBe(true));
  },
);
