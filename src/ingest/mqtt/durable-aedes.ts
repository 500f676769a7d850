import { Aedes, type Client, type PublishPacket } from 'aedes';

/**
 * The broker library, adapted so that a client's message is published in `authorizePublish`, before the
 * acknowledgement.
 */
export class DurableAedes extends Aedes {
  override publish(packet: PublishPacket, ...rest: readonly unknown[]): void {
    const done = rest.at(-1);
    const callback = (error?: Error) => {
      if (typeof done === 'function') done(error);
    };
    if (rest.length > 1 && rest[0] !== null) callback();
    else super.publish(packet, callback);
  }

  /**
   * Sends to the subscribers and updates the retained message. Resolves once the message is in the queues of durable
   * sessions.
   */
  forward(packet: PublishPacket): Promise<void> {
    return new Promise((resolve, reject) => {
      super.publish(packet, (error) => (error ? reject(error) : resolve()));
    });
  }
}

/**
 * A packet has arrived that the library did not see: its keep-alive time begins anew. The library has no public method
 * for that.
 */
export function refreshKeepAlive(client: Client): void {
  const { _keepaliveTimer } = client as Client & { readonly _keepaliveTimer?: NodeJS.Timeout | null };
  _keepaliveTimer?.refresh();
}
