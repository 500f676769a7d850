import type { Client, Subscription } from 'aedes';
import type { Limits } from '../../limits.ts';
import type { Connection } from './connection.ts';
import type { Authenticate, Principal } from './principal.ts';
import { RETURN_CODES, Refusal } from './refusal.ts';
import { isOpenToPublish, isOpenToSubscribe, topicProblem } from './topics.ts';
import type { Published } from './traffic.ts';

export interface AdmissionOptions {
  readonly limits: Limits;
  readonly authenticate: Authenticate;
  /** Whether the client may have a durable session: it already has one, or there is room for another. */
  readonly hasSessionRoom: (clientId: string) => boolean;
}

/** Decides what clients may do: connect, publish, subscribe. */
export class Admission {
  readonly #options: AdmissionOptions;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** Resolves with the client's principal. Rejects with a Refusal when the client may not connect. */
  async connect(
    client: Client,
    { connect, transport: { certificate, isEncrypted } }: Connection,
    credentials: { readonly username: string | undefined; readonly password: Buffer | undefined },
  ): Promise<Principal> {
    const { limits, authenticate, hasSessionRoom } = this.#options;
    const clientId = client.id;
    if (clientId.startsWith('$') || Buffer.byteLength(clientId) > limits.mqttClientIdBytes)
      throw new Refusal('client_id', RETURN_CODES.identifier, 'the client id begins with $ or is too long');
    if (connect?.clientId === '' && !client.clean)
      throw new Refusal('client_id', RETURN_CODES.identifier, 'a durable session needs a client id');
    const principal = await authenticate({
      clientId,
      certificate,
      isEncrypted,
      ...credentials,
    });
    if (principal === undefined)
      throw new Refusal('credentials', RETURN_CODES.notAuthorized, 'its credentials are not valid');
    if (!principal.mayConnect(clientId))
      throw new Refusal(
        'permission',
        RETURN_CODES.notAuthorized,
        'it may not connect with that client id',
        principal,
      );
    const will = connect?.will;
    if (will !== undefined && this.#problem(will, clientId, principal) !== undefined)
      throw new Refusal('permission', RETURN_CODES.notAuthorized, 'it may not publish its will', principal);
    if (!client.clean && !hasSessionRoom(clientId))
      throw new Refusal('sessions', RETURN_CODES.unavailable, 'there is no room for another durable session');
    return principal;
  }

  /** The reason why the client may not publish the packet, recorded as its disconnect reason; undefined when it may. */
  publish(client: Client, connection: Connection, packet: Published): string | undefined {
    if (connection.principal === undefined) return 'it is not connected';
    const problem = this.#problem(packet, client.id, connection);
    if (problem !== undefined) connection.endsBecause(problem.isDenied ? 'AUTH_ERROR' : 'CLIENT_ERROR');
    return problem?.message;
  }

  /**
   * The reason why the client may not subscribe to the filter; undefined when it may, and the subscription is counted.
   */
  subscribe(
    client: Client,
    { principal, subscriptions }: Connection,
    { topic: filter, qos }: Subscription,
  ): string | undefined {
    if (filter.startsWith('$share/'))
      return 'the embedded broker has no shared subscriptions; use a broker that has them with --mqtt-url';
    if (!isOpenToSubscribe(filter) || principal?.maySubscribe(filter, client.id) !== true)
      return 'it may not subscribe to that';
    const { mqttSubscriptionsPerConnection: most } = this.#options.limits;
    if (!subscriptions.has(filter) && subscriptions.size >= most)
      return `it has ${most} subscriptions, which is the limit`;
    subscriptions.set(filter, qos);
    return undefined;
  }

  #problem(
    { topic, payload, retain }: Pick<Published, 'topic' | 'payload'> & { readonly retain?: boolean },
    clientId: string,
    publisher: Pick<Principal, 'mayPublish'>,
  ): { readonly isDenied: boolean; readonly message: string } | undefined {
    const { mqttTopicBytes, mqttPayloadBytes } = this.#options.limits;
    const invalid = topicProblem(topic, mqttTopicBytes);
    if (invalid !== undefined)
      return { isDenied: false, message: `nothing can be published to that topic: ${invalid}` };
    if (Buffer.byteLength(payload) > mqttPayloadBytes)
      return { isDenied: false, message: `a payload has more than ${mqttPayloadBytes} bytes` };
    if (!isOpenToPublish(topic) || !publisher.mayPublish(topic, clientId))
      return { isDenied: true, message: 'it may not publish to that topic' };
    if (retain === true && topic.startsWith('$'))
      return { isDenied: false, message: 'messages of reserved topics cannot be retained' };
    return undefined;
  }
}
