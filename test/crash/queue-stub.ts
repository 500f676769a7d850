import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';

export interface QueueStub {
  readonly url: string;
  /** The bodies of all accepted messages, in order. */
  readonly bodies: string[];
  /** While it is down it accepts nothing, and answers with an error or closes the connection. */
  isDown: boolean;
  close(): Promise<void>;
}

/** A queue service that accepts messages at once unless it is down, and answers after up to `slowness` milliseconds. */
export async function startQueueStub(slowness: number): Promise<QueueStub> {
  const stub = { url: '', bodies: [] as string[], isDown: false, close: async () => {} };
  const { bodies } = stub;
  const server = createServer((request, response) => {
    void read(request).then((text) => {
      if (stub.isDown) {
        if (Math.random() < 0.5) response.socket?.destroy();
        else response.writeHead(503, { 'content-type': 'text/html' }).end('<html>Not now</html>');
        return;
      }
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
  stub.url = `http://127.0.0.1:${port}`;
  stub.close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return stub;
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
