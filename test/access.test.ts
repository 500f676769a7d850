import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IoTEventsClient, ListInputsCommand } from '@aws-sdk/client-iot-events';
import { BatchPutMessageCommand, IoTEventsDataClient } from '@aws-sdk/client-iot-events-data';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ApiClient } from '../src/cli/client.ts';
import { Client } from '../src/client/index.ts';
import { startTestServer } from './support/server.ts';

/** Credentials and TLS with real clients, and both renewed while the server runs. */
const KEY = { accessKeyId: 'AKIAPLANT', secretAccessKey: 'right-secret' };
const OTHER = { accessKeyId: 'AKIAOTHER', secretAccessKey: 'other-secret' };

let folder: string;
let closing: (() => unknown)[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tripline-access-'));
  closing = [];
});
afterEach(async () => {
  for (const close of closing.reverse()) await close();
  rmSync(folder, { recursive: true, force: true });
});

function credentials(...keys: object[]): string {
  const path = join(folder, 'credentials');
  writeFileSync(path, JSON.stringify({ credentials: keys }), { mode: 0o600 });
  return path;
}

async function start(settings: Parameters<typeof startTestServer>[1]) {
  const server = await startTestServer({}, settings);
  closing.push(() => server.dispose());
  return server;
}

function clients(endpoint: string, key: typeof KEY) {
  const settings = { endpoint, region: 'us-east-1', credentials: { ...key }, maxAttempts: 1 };
  const control = new IoTEventsClient(settings);
  const data = new IoTEventsDataClient(settings);
  closing.push(
    () => control.destroy(),
    () => data.destroy(),
  );
  return {
    control,
    data,
    own: new Client({ endpoint, region: 'us-east-1', credentials: key, maxAttempts: 1 }),
  };
}

describe('with credentials', () => {
  test('the AWS clients and our own get in with a key of the file, not with another', async () => {
    const server = await start({ credentials: credentials(KEY) });
    const { control, data, own } = clients(server.url, KEY);
    expect((await control.send(new ListInputsCommand({ maxResults: 1 }))).inputSummaries).toEqual([]);
    const messages = [{ messageId: '1', inputName: 'Nothing', payload: Buffer.from('{}') }];
    const { BatchPutMessageErrorEntries: entries } = await data.send(
      new BatchPutMessageCommand({ messages }),
    );
    expect(entries).toMatchObject([{ errorCode: 'ResourceNotFoundException' }]);
    expect((await own.listInputs({})).inputSummaries).toEqual([]);
    const stranger = clients(server.url, OTHER);
    await expect(stranger.control.send(new ListInputsCommand({}))).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
      $metadata: { httpStatusCode: 403 },
    });
    const wrong = clients(server.url, { ...KEY, secretAccessKey: 'wrong' });
    await expect(wrong.data.send(new BatchPutMessageCommand({ messages }))).rejects.toMatchObject({
      name: 'InvalidSignatureException',
    });
    await expect(wrong.own.listInputs({})).rejects.toMatchObject({ name: 'InvalidSignatureException' });
  });

  test('the command line signs with the key of the environment', async () => {
    const server = await start({ credentials: credentials(KEY) });
    const env = { AWS_ACCESS_KEY_ID: KEY.accessKeyId, AWS_SECRET_ACCESS_KEY: KEY.secretAccessKey };
    const list = '/_tripline/actions?status=FAILED&target=sqs%2Fa+b';
    expect(await new ApiClient(server.url, env).call('GET', list)).toEqual({ actions: [] });
    expect(await new ApiClient(server.url, env).call('POST', '/_tripline/actions/discard')).toEqual({
      ...{ discarded: 0, skipped: 0 },
    });
    await expect(new ApiClient(server.url).call('GET', list)).rejects.toThrow('MissingAuthenticationToken');
  });

  test('keys change with the file, and a file that cannot be read changes nothing', async () => {
    const path = credentials(KEY);
    const server = await start({ credentials: path });
    const [first, second] = [clients(server.url, KEY).own, clients(server.url, OTHER).own];
    writeFileSync(path, '{');
    process.emit('SIGHUP');
    await first.listInputs({});
    credentials(OTHER);
    process.emit('SIGHUP');
    await second.listInputs({});
    await expect(first.listInputs({})).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
  });

  test('a stream of events ends with its key, or with what its policy allows, and no other does', async () => {
    const policy = (action: string) => ({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }],
    });
    const other = (action: string) => ({ ...OTHER, policy: policy(action) });
    const path = credentials(KEY, other('tripline:WatchEvents'));
    const server = await start({ credentials: path });
    const open = async (key: typeof KEY) => {
      const env = { AWS_ACCESS_KEY_ID: key.accessKeyId, AWS_SECRET_ACCESS_KEY: key.secretAccessKey };
      const stream = await new ApiClient(server.url, env).stream('/_tripline/events');
      const state = { isOpen: true };
      stream
        .on('error', () => {})
        .on('close', () => {
          state.isOpen = false;
        });
      stream.resume();
      return state;
    };
    const [admin, reader] = [await open(KEY), await open(OTHER)];
    const renew = async (...keys: object[]) => {
      credentials(...keys);
      process.emit('SIGHUP');
      // Sends a later request first: anything to be ended has been ended once it is answered.
      await expect(open({ ...KEY, secretAccessKey: 'wrong' })).rejects.toThrow('InvalidSignature');
    };
    await renew(KEY, other('tripline:Watch*'));
    expect([admin, reader]).toEqual([{ isOpen: true }, { isOpen: true }]);
    await renew(KEY, other('tripline:GetMetrics'));
    await vi.waitFor(() => expect(reader.isOpen).toBe(false));
    expect(admin.isOpen).toBe(true);
    await renew({ ...KEY, secretAccessKey: 'another' });
    await vi.waitFor(() => expect(admin.isOpen).toBe(false));
  });

  test('metrics are read with Basic authentication by a key that may do nothing else', async () => {
    const may = (...actions: string[]) => ({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }],
    });
    const reader = { ...OTHER, policy: may('tripline:GetMetrics') };
    const server = await start({ credentials: credentials(KEY, reader) });
    const read = async (path: string, { accessKeyId, secretAccessKey }: typeof KEY) => {
      const authorization = `Basic ${btoa(`${accessKeyId}:${secretAccessKey}`)}`;
      const response = await fetch(server.url + path, { headers: { authorization } });
      return [response.status, await response.text()] as const;
    };
    const [status, text] = await read('/metrics', OTHER);
    expect([status, text]).toEqual([200, expect.stringContaining('tripline_ready 1')]);
    const refused = async (path: string, key: typeof KEY, message: string) =>
      expect(await read(path, key)).toEqual([403, expect.stringContaining(message)]);
    await refused('/metrics', { ...OTHER, secretAccessKey: 'wrong' }, 'is not valid');
    await refused('/metrics', { ...OTHER, accessKeyId: 'AKIANOBODY' }, 'is not valid');
    // A secret that could do more is not to be sent as it is.
    await refused('/metrics', KEY, 'allows tripline:GetMetrics and nothing else');
    await refused('/_tripline/actions', OTHER, '');
    credentials(KEY, { ...OTHER, policy: may('tripline:GetMetrics', 'iotevents:ListInputs') });
    process.emit('SIGHUP');
    await refused('/metrics', OTHER, 'allows tripline:GetMetrics and nothing else');
  });

  test('a change of the file is noticed by itself', async () => {
    const path = credentials(KEY);
    const server = await start({ credentials: path });
    const { own } = clients(server.url, OTHER);
    credentials(KEY, OTHER);
    await vi.waitFor(() => own.listInputs({}), { timeout: 15_000, interval: 200 });
  });

  test.each([
    ['a file that is not there', () => join(folder, 'none'), 'cannot be used'],
    ['a file without keys', () => credentials(), 'no access key'],
  ])('%s keeps the server from starting', async (_name, path, message) => {
    await expect(startTestServer({}, { credentials: path() })).rejects.toThrow(message);
  });
});

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

describe.runIf(hasOpenssl)(
  `with TLS${hasOpenssl ? '' : ' (skipped: no openssl to make certificates)'}`,
  () => {
    function certificate(name: string): { tlsCert: string; tlsKey: string } {
      const [tlsCert, tlsKey] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
      const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'];
      const output = ['-keyout', tlsKey, '-out', tlsCert];
      const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
      execFileSync('openssl', ['req', '-x509', '-nodes', ...kind, '-days', '1', ...subject, ...output], {
        stdio: 'ignore',
      });
      chmodSync(tlsKey, 0o600);
      return { tlsCert, tlsKey };
    }

    /** The subject of the certificate that the server presents to a new connection. */
    function shown(url: string): Promise<string> {
      return new Promise((resolve, reject) => {
        get(`${url}/readyz`, { rejectUnauthorized: false, agent: false }, (response) => {
          const { subject } = (response.socket as import('node:tls').TLSSocket).getPeerCertificate();
          response.resume().on('end', () => resolve(String(subject.CN)));
        }).on('error', reject);
      });
    }

    test('the server speaks HTTPS, and takes a new certificate for new connections', async () => {
      const files = certificate('first');
      const server = await start(files);
      expect(server.url).toMatch(/^https:/);
      expect(await shown(server.url)).toBe('first');
      certificate('second');
      process.emit('SIGHUP');
      expect(await shown(server.url)).toBe('second');
      writeFileSync(files.tlsCert, 'broken');
      process.emit('SIGHUP');
      expect(await shown(server.url)).toBe('second');
    });

    test('files that do not belong together keep it from starting', async () => {
      const { tlsCert, tlsKey } = certificate('one');
      writeFileSync(tlsKey, 'no key');
      await expect(startTestServer({}, { tlsCert, tlsKey })).rejects.toThrow('cannot be used');
    });
  },
);
