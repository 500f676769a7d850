import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';

export interface QueueStub {
  readonly url: string;
  /** The bodies of all messages taken, in their order. */
  readonly bodies: string[];
  close(): Promise<void>;
}

/** A queue service that takes what it is sent at once, and answers after a while of up to `slowness` milliseconds. */
export async function startQueueStub(slowness: number): Promise<QueueStub> {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    void read(request).then((text) => {
      const { MessageBody } = JSON.parse(text) as { MessageBody: string };
      bodies.push(MessageBody);
      const answer = {
        MessageId: '1',
        MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex'),
      };
      setTimeout(
        () => response.setHeader('content-type', 'application/x-amz-json-1.0').end(JSON.stringify(answer)),
        Math.random() * slowness,
      );
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { url: `http://127.0.0.1:${port}`, bodies, close };
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
