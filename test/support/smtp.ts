import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
}

export interface MailServer {
  readonly url: string;
  readonly mails: Mail[];
  /** Recipients that are refused finally, and whether every mail is deferred. */
  readonly refuses: Set<string>;
  isBusy: boolean;
  close(): Promise<void>;
}

/** A real SMTP server that records received mail. */
export async function startMailServer(): Promise<MailServer> {
  const state = { mails: [] as Mail[], refuses: new Set<string>(), isBusy: false };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo({ address }, _session, callback) {
      if (state.isBusy) callback(Object.assign(new Error('Try again later'), { responseCode: 451 }));
      else if (state.refuses.has(address))
        callback(Object.assign(new Error('No such user'), { responseCode: 550 }));
      else callback();
    },
    onData(stream, { envelope }, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
        const to = envelope.rcptTo.map(({ address }) => address);
        state.mails.push({ from, to, ...parse(Buffer.concat(chunks).toString()) });
        callback();
      });
    },
  });
  // A killed client breaks its connection.
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  return Object.assign(state, {
    url: `smtp://127.0.0.1:${port}`,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  });
}

/** Parses plain mails of one part, as Tripline sends them. */
function parse(raw: string): Pick<Mail, 'headers' | 'text'> {
  const [head = '', ...body] = raw.split('\r\n\r\n');
  const lines = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
  const headers = new Map(
    lines.map((line) => {
      const at = line.indexOf(':');
      return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
    }),
  );
  return { headers, text: body.join('\r\n\r\n').replaceAll('\r\n', '\n') };
}
