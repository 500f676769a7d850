import { Aedes, type PublishPacket } from 'aedes';

/** The broker library, for which `authorizePublish` has published a client's message before the acknowledgement. */
export class DurableAedes extends Aedes {
  override publish(packet: PublishPacket, ...rest: readonly unknown[]): void {
    const done = rest.at(-1);
    const callback = (error?: Error) => {
      if (typeof done === 'function') done(error);
    };
    if (rest.length > 1 && rest[0] !== null) callback();
    else super.publish(packet, callback);
  }

  /** To the subscribers and what is retained. Resolves once the queues of durable sessions have it. */
  forward(packet: PublishPacket): Promise<void> {
    return new Promise((resolve, reject) => {
      super.publish(packet, (error) => (error ? reject(error) : resolve()));
    });
  }
}
