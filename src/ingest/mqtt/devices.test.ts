import { describe, expect, test } from 'vitest';
import { DeviceDirectory, type Devices, readDevices } from './devices.ts';
import { hashPassword, verifyPassword } from './password-hash.ts';

const HASH = await hashPassword('secret');

function directory(...devices: object[]): {
  readonly directory: DeviceDirectory;
  set(...devices: object[]): void;
} {
  const read = (list: object[]): Devices => readDevices(JSON.stringify({ devices: list }));
  let present = read(devices);
  return {
    directory: new DeviceDirectory(() => present),
    set: (...list) => {
      present = read(list);
    },
  };
}

function login(username: string, password: string, clientId = username) {
  return { clientId, username, password: Buffer.from(password), certificate: undefined, isEncrypted: false };
}

test('a password is verified against its hash, and each hash is different', async () => {
  expect(HASH).toMatch(/^\$scrypt\$ln=14,r=8,p=1\$[^$=]+\$[^$=]+$/);
  expect(await verifyPassword(Buffer.from('secret'), HASH)).toBe(true);
  expect(await verifyPassword(Buffer.from('Secret'), HASH)).toBe(false);
  expect(await hashPassword('secret')).not.toBe(HASH);
});

test('a hash made by another program is accepted (RFC 7914, section 12)', async () => {
  const hash = Buffer.from(
    '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887',
    'hex',
  );
  const encode = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
  const phc = `$scrypt$ln=14,r=8,p=1$${encode(Buffer.from('SodiumChloride'))}$${encode(hash)}`;
  expect(await verifyPassword(Buffer.from('pleaseletmein'), phc)).toBe(true);
});

// The test vector `U*U` of John the Ripper, under each prefix of the same algorithm.
test.each(['2a', '2b', '2y'])('a bcrypt hash made by another program is accepted: $%s$', async (name) => {
  const hash = `$${name}$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW`;
  const { directory: devices } = directory({ name: 'pump-7', password: hash });
  expect(await devices.authenticate(login('pump-7', 'U*U'))).toMatchObject({ identifier: 'pump-7' });
  expect(await devices.authenticate(login('pump-7', 'U*V'))).toBeUndefined();
});

test('a bcrypt hash is refused for a password longer than bcrypt uses, and for a cost that takes too long', async () => {
  const long = 'x'.repeat(72);
  const hash = '$2b$04$KV39rXO5iBRDMTAFR4jZdeYD36t1XSz4IhwY0yhQtqEU1nz.ivtSi';
  expect(await verifyPassword(Buffer.from(long), hash)).toBe(true);
  expect(await verifyPassword(Buffer.from(`${long}y`), hash)).toBe(false);
  for (const cost of ['03', '13', '31'])
    expect(() => directory({ name: 'a', password: hash.replace('$04$', `$${cost}$`) })).toThrow(
      `the bcrypt hash of its password has a cost of ${cost}; 4 to 12 are allowed`,
    );
});

describe('a device', () => {
  test('is admitted only with its password and its client id', async () => {
    const { directory: devices } = directory({ name: 'pump-7', password: HASH });
    const principal = await devices.authenticate(login('pump-7', 'secret'));
    expect(principal).toMatchObject({ identifier: 'pump-7', thumbprint: undefined });
    expect(principal?.mayConnect('pump-7')).toBe(true);
    expect(principal?.mayConnect('pump-8')).toBe(false);
    expect(await devices.authenticate(login('pump-7', 'wrong'))).toBeUndefined();
    expect(await devices.authenticate(login('pump-8', 'secret'))).toBeUndefined();
    expect(await devices.authenticate({ ...login('pump-7', ''), password: undefined })).toBeUndefined();
  });

  test('may do what its filters say, with its client id and name filled in', async () => {
    const { directory: devices } = directory({
      ...{ name: 'fleet', password: HASH, clientIds: ['pump-*'] },
      publish: ['pumps/${clientId}/#', '${name}/+'],
      subscribe: ['commands/${clientId}', 'all/#'],
    });
    const principal = await devices.authenticate(login('fleet', 'secret'));
    expect(principal?.mayConnect('pump-7')).toBe(true);
    expect(principal?.mayConnect('fleet')).toBe(false);
    for (const [topic, may] of Object.entries({
      'pumps/pump-7/a/b': true,
      'fleet/a': true,
      'pumps/pump-8/a': false,
      'fleet/a/b': false,
    }))
      expect([topic, principal?.mayPublish(topic, 'pump-7')]).toEqual([topic, may]);
    for (const [filter, may] of Object.entries({
      'commands/pump-7': true,
      'all/#': true,
      'all/+/x': true,
      '#': false,
      'commands/+': false,
    }))
      expect([filter, principal?.maySubscribe(filter, 'pump-7')]).toEqual([filter, may]);
    expect(principal?.mayReceive('all/x', 'pump-7')).toBe(true);
    expect(principal?.mayReceive('commands/pump-8', 'pump-7')).toBe(false);
  });

  test('cannot widen its filters through its client id', async () => {
    const { directory: devices } = directory({
      name: 'd',
      password: HASH,
      clientIds: ['*'],
      publish: ['x/${clientId}'],
      subscribe: ['x/${clientId}'],
    });
    const principal = await devices.authenticate(login('d', 'secret'));
    for (const clientId of ['#', '+', 'a/#', '$&', "$'"]) {
      expect(principal?.mayPublish('x/other', clientId)).toBe(false);
      expect(principal?.maySubscribe('x/+', clientId)).toBe(false);
      expect(principal?.maySubscribe('x/#', clientId)).toBe(false);
    }
  });

  test('that is removed or gets another password is no longer valid; a removed permission is gone', async () => {
    const { directory: devices, set } = directory({ name: 'd', password: HASH, publish: ['#'] });
    const principal = await devices.authenticate(login('d', 'secret'));
    expect(principal?.isValid()).toBe(true);
    set({ name: 'd', password: HASH });
    expect([principal?.isValid(), principal?.mayPublish('a', 'd')]).toEqual([true, false]);
    set({ name: 'd', password: await hashPassword('other') });
    expect(principal?.isValid()).toBe(false);
    set();
    expect(principal?.isValid()).toBe(false);
    expect(await devices.authenticate(login('d', 'secret'))).toBeUndefined();
  });
});

test.each<[unknown, string]>([
  [{}, 'must be {"devices": [...]}'],
  [{ devices: [1] }, 'devices[0] must be an object'],
  [{ devices: [{ name: 'a', passwort: 'x' }] }, 'devices[0] has passwort'],
  [{ devices: [{ name: 'a' }] }, 'neither a password nor a certificate'],
  [{ devices: [{ name: 'a', password: 'plain' }] }, 'not a hash'],
  [{ devices: [{ name: 'a', password: HASH.replace('ln=14', 'ln=40') }] }, 'too much memory'],
  [{ devices: [{ name: 'a', certificate: 'x', publish: ['a/#/b'] }] }, 'devices[0].publish has a/#/b'],
  [
    {
      devices: [
        { name: 'a', certificate: 'x' },
        { name: 'a', certificate: 'y' },
      ],
    },
    'twice',
  ],
])('%j is refused', (content, message) => {
  expect(() => readDevices(JSON.stringify(content))).toThrow(message);
});
