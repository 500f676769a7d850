import type Nodemailer from 'nodemailer';
import { SendError } from './classify-error.ts';
import type { Sender } from './sender.ts';

/** Milliseconds. */
const CONNECT_TIMEOUT = 5_000;
const IDLE_TIMEOUT = 30_000;

/** Sends mail through one server; connections are kept open and shared. */
export async function smtpSender(): Promise<(url: string) => Sender> {
  const { default: nodemailer } = await import('nodemailer');
  return (url) => connect(nodemailer, url);
}

function connect(nodemailer: typeof Nodemailer, url: string): Sender {
  const timeouts = {
    connectionTimeout: CONNECT_TIMEOUT,
    greetingTimeout: CONNECT_TIMEOUT,
    socketTimeout: IDLE_TIMEOUT,
  };
  const transport = nodemailer.createTransport({ url, pool: true, ...timeouts } as object);
  // The URL may contain a password, and errors are logged and listed.
  const server = new URL(url).host;
  return {
    async send({ input }) {
      const info = await transport.sendMail(input).catch((error: unknown) => {
        throw refusal(error, server);
      });
      const { rejected = [], response } = info as { rejected?: readonly unknown[]; response: string };
      if (rejected.length > 0) {
        const who = rejected.map(String).join(', ');
        throw new SendError(
          'TERMINAL',
          `The SMTP server ${server} refused ${who}, and accepted the others: ${response}`,
        );
      }
    },
    close: () => transport.close(),
  };
}

/**
 * 5xx is the server's final refusal of this mail; everything else (4xx, no connection, a failed login) is transient.
 */
function refusal(error: unknown, server: string): SendError {
  const { message, responseCode, code } = error as Error & {
    readonly responseCode?: number;
    readonly code?: string;
  };
  const isFinal = responseCode !== undefined && responseCode >= 500 && code !== 'EAUTH';
  return new SendError(
    isFinal ? 'TERMINAL' : 'RETRYABLE',
    `The SMTP server ${server} did not accept the e-mail: ${message}`,
    { cause: error },
  );
}
