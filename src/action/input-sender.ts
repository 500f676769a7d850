import { SendError } from './classify-error.ts';
import type { Sender } from './sender.ts';

/** A message for an input of this server; `payload` is the JSON text's bytes. */
export interface InputMessage {
  readonly messageId: string;
  readonly inputName: string;
  readonly payload: Buffer;
}

/** Sends what iotEvents actions put into other inputs: it stays within this process. */
export function inputSender(putMessage: (message: InputMessage) => Promise<void>): Sender {
  return {
    async send({ input }) {
      const [message] = input.messages as readonly {
        messageId: string;
        inputName: string;
        payload: string;
      }[];
      if (message === undefined) throw new SendError('TERMINAL', 'The request has no message');
      await putMessage({ ...message, payload: Buffer.from(message.payload, 'base64') });
    },
    close: () => {},
  };
}
