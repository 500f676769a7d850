import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import type { AccessKeys } from '../api/auth/credentials-file.ts';
import { type Admit, type Broker, startBroker } from '../ingest/broker.ts';
import type { ServeConfig } from './config.ts';
import { explainPort } from './explain-port.ts';
import { CommandError } from './usage-error.ts';

export interface OpenedBroker extends Broker {
  /** How this process itself connects to it. */
  readonly url: string;
}

/**
 * Opens the embedded broker, unless there is to be none. With access keys a client connects with the id of one as its
 * user name and the secret as its password. Rejects with CommandError when the port cannot be had.
 */
export async function openBroker(
  { host, mqttPort, mqttUrl }: ServeConfig,
  keys: (() => AccessKeys) | undefined,
): Promise<OpenedBroker | undefined> {
  if (mqttPort === 0 || mqttUrl !== undefined) return undefined;
  const [user, password] = ['tripline', randomUUID()];
  const admit: Admit | undefined =
    keys &&
    ((username = '', given = '') => {
      const secret = username === user ? password : keys().get(username)?.secretAccessKey;
      return secret !== undefined && equal(secret, given);
    });
  try {
    const broker = await startBroker(host, mqttPort, admit);
    const reachable = host === '0.0.0.0' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
    return { ...broker, url: `mqtt://${user}:${password}@${reachable}:${broker.port}` };
  } catch (error) {
    throw new CommandError(explainPort(error, host, mqttPort, '--mqtt-port'), { cause: error });
  }
}

function equal(expected: string, given: string): boolean {
  const [a, b] = [expected, given].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(a as Buffer, b as Buffer);
}
