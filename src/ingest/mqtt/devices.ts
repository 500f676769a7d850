import { createHash, createHmac, randomBytes, X509Certificate } from 'node:crypto';
import { checkHash, verifyPassword } from './password-hash.ts';
import type { Credentials, Principal } from './principal.ts';
import { covers, filterProblem, matches } from './topics.ts';

/** A device of the `devices` file, or a group of devices that share a credential. */
export interface Device {
  readonly name: string;
  /** A hash; see `hashPassword`. */
  readonly password: string | undefined;
  /** Common name of its client certificate, or the certificate's SHA-256 thumbprint in hexadecimal. */
  readonly certificate: string | undefined;
  /** Patterns with `*`. */
  readonly clientIds: readonly string[];
  /** Topic filters, in which `${clientId}` stands for the client id and `${name}` for the device's name. */
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

export type Devices = ReadonlyMap<string, Device>;

const MEMBERS = ['name', 'password', 'certificate', 'clientIds', 'publish', 'subscribe'];

/** Parses a devices file: `{"devices": [{"name", …}]}`. Throws an Error that says what is wrong and where. */
export function readDevices(content: string): Devices {
  const parsed: unknown = JSON.parse(content);
  const list =
    typeof parsed === 'object' && parsed !== null && 'devices' in parsed ? parsed.devices : undefined;
  if (!Array.isArray(list)) throw new Error('it must be {"devices": [...]}');
  const devices = new Map<string, Device>();
  for (const [index, entry] of list.entries()) {
    const device = readDevice(entry, `devices[${index}]`);
    if (devices.has(device.name)) throw new Error(`it contains the device ${device.name} twice`);
    devices.set(device.name, device);
  }
  return devices;
}

function readDevice(entry: unknown, where: string): Device {
  if (typeof entry !== 'object' || entry === null) throw new Error(`${where} must be an object`);
  const members: Record<string, unknown> = { ...entry };
  const other = Object.keys(members).find((key) => !MEMBERS.includes(key));
  if (other !== undefined)
    throw new Error(`${where} has ${other}, which is not one of ${MEMBERS.join(', ')}`);
  const name = text(members.name, `${where}.name`);
  const password = members.password === undefined ? undefined : text(members.password, `${where}.password`);
  const certificate =
    members.certificate === undefined ? undefined : text(members.certificate, `${where}.certificate`);
  if (password === undefined && certificate === undefined)
    throw new Error(`${where} (${name}) has neither a password nor a certificate`);
  try {
    if (password !== undefined) checkHash(password);
  } catch (error) {
    throw new Error(`${where} (${name}): ${error instanceof Error ? error.message : error}`);
  }
  return {
    name,
    password,
    certificate,
    clientIds: texts(members.clientIds ?? [name], `${where}.clientIds`),
    publish: filters(members.publish ?? [], `${where}.publish`),
    subscribe: filters(members.subscribe ?? [], `${where}.subscribe`),
  };
}

function filters(given: unknown, where: string): string[] {
  const list = texts(given, where);
  for (const filter of list) {
    const problem = filterProblem(filter.replaceAll(/\$\{(clientId|name)\}/g, 'x'));
    if (problem !== undefined)
      throw new Error(`${where} has ${filter}, which is not a topic filter: ${problem}`);
  }
  return list;
}

function texts(given: unknown, where: string): string[] {
  if (Array.isArray(given) && given.every((each) => typeof each === 'string')) return given;
  throw new Error(`${where} must be a list of strings`);
}

function text(given: unknown, where: string): string {
  if (typeof given === 'string' && given !== '') return given;
  throw new Error(`${where} must be a string`);
}

/** Verified passwords are cached, keyed with a secret of this process, since hashing one takes 50 ms. */
const REMEMBERED = 10_000;

/** Identifies devices by the current file. */
export class DeviceDirectory {
  readonly #devices: () => Devices;
  readonly #secret = randomBytes(32);
  readonly #verified = new Set<string>();

  constructor(devices: () => Devices) {
    this.#devices = devices;
  }

  /** Resolves with the device that has these credentials, or undefined. */
  async authenticate(credentials: Credentials): Promise<Principal | undefined> {
    const { username, password, certificate } = credentials;
    if (certificate !== undefined) {
      const device = this.#withCertificate(certificate);
      if (device !== undefined) return this.#principal(device, certificate);
    }
    const device = username === undefined ? undefined : this.#devices().get(username);
    if (device?.password === undefined || password === undefined) return undefined;
    return (await this.#isRight(password, device.password)) ? this.#principal(device, undefined) : undefined;
  }

  async #isRight(password: Buffer, hash: string): Promise<boolean> {
    const proof = createHmac('sha256', this.#secret)
      .update(hash)
      .update('\0')
      .update(password)
      .digest('base64');
    if (this.#verified.has(proof)) return true;
    if (!(await verifyPassword(password, hash))) return false;
    if (this.#verified.size >= REMEMBERED) this.#verified.clear();
    this.#verified.add(proof);
    return true;
  }

  #withCertificate(der: Buffer): Device | undefined {
    const thumbprint = thumbprintOf(der);
    const commonName = /(?:^|\n)CN=(.*)/.exec(new X509Certificate(der).subject)?.[1];
    for (const device of this.#devices().values()) {
      const wanted = device.certificate;
      if (wanted === undefined) continue;
      if (wanted === commonName || wanted.replaceAll(':', '').toLowerCase() === thumbprint) return device;
    }
    return undefined;
  }

  /** Permissions are looked up in the current file, so that changes reach connected clients. */
  #principal(device: Device, certificate: Buffer | undefined): Principal {
    const { name, password } = device;
    const present = () => this.#devices().get(name);
    const thumbprint = certificate && thumbprintOf(certificate);
    const filled = (kind: 'publish' | 'subscribe', clientId: string) =>
      (present()?.[kind] ?? []).map((filter) => fill(filter, name, clientId));
    return {
      identifier: thumbprint ?? name,
      thumbprint,
      isValid: () =>
        certificate === undefined
          ? present()?.password === password
          : this.#withCertificate(certificate)?.name === name,
      mayConnect: (clientId) => present()?.clientIds.some((pattern) => fits(pattern, clientId)) === true,
      mayPublish: (topic, clientId) => filled('publish', clientId).some((filter) => matches(filter, topic)),
      maySubscribe: (wanted, clientId) =>
        filled('subscribe', clientId).some((filter) => covers(filter, wanted)),
      mayReceive: (topic, clientId) => filled('subscribe', clientId).some((filter) => matches(filter, topic)),
    };
  }
}

/**
 * A separator or wildcard in a client id would widen the filter; it is replaced by a character that no topic contains.
 */
function fill(filter: string, name: string, clientId: string): string {
  const values: Readonly<Record<string, string>> = { name, clientId };
  return filter.replaceAll(/\$\{(clientId|name)\}/g, (_match, which: string) => {
    const value = values[which] ?? '';
    return /[/#+]/.test(value) ? '\0' : value;
  });
}

function fits(pattern: string, clientId: string): boolean {
  const escaped = pattern.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${escaped.join('.*')}$`, 's').test(clientId);
}

/** SHA-256 of a certificate's DER in hexadecimal, which AWS IoT calls the certificate id. */
export function thumbprintOf(der: Buffer): string {
  return createHash('sha256').update(der).digest('hex');
}
