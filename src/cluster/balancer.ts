import { connect, createServer, type Server, type Socket } from 'node:net';

/** A single address for several workers, for trials and tests. */
export interface Balancer {
  readonly url: string;
  /** Ends all connections, as where a machine between them fails. */
  cut(): void;
  close(): Promise<void>;
}

/**
 * Forwards each connection to the next worker that accepts it. Each Restate node opens one connection, so this spreads
 * the work over a few workers; in production, use a proxy that balances HTTP/2 requests.
 */
export async function startBalancer(ports: readonly number[]): Promise<Balancer> {
  let next = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    sockets.add(client);
    client.on('close', () => sockets.delete(client));
    // The close that follows is passed to the other side.
    client.on('error', () => {});
    forward(client, ports.length);
  });
  const forward = (client: Socket, tries: number) => {
    const port = ports[next++ % ports.length] ?? 0;
    const worker = connect(port, '127.0.0.1');
    let isOpen = false;
    worker.once('connect', () => {
      isOpen = true;
      client.pipe(worker).pipe(client);
    });
    worker.on('error', () => {
      if (!isOpen && tries > 1) forward(client, tries - 1);
      else client.destroy();
    });
    worker.on('close', () => {
      if (isOpen) client.destroy();
    });
    client.on('close', () => worker.destroy());
  };
  await listen(server);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${port}`,
    cut,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      cut();
      await closed;
    },
  };
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
}
