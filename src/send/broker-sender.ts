import { SendError } from './classify-error.ts';
import type { Sender } from './sender.ts';

/** Publishes a message within the process; resolves when it is durable, rejects when it is not. */
export type Publish = (topic: string, payload: Buffer) => Promise<void>;

/** Publishes through the embedded broker, in process, so that no connection can be lost. */
export function brokerSender(publish: Publish): Sender {
  return {
    async send({ input }) {
      try {
        await publish(String(input.topic), Buffer.from(String(input.payload)));
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new SendError('RETRYABLE', `The embedded MQTT broker did not accept the message: ${why}`, {
          cause,
        });
      }
    },
    close: () => {},
  };
}
