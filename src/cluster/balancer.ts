import { connect, createServer, type Server, type Socket } from 'node:net';

/** One address for several workers, for trials and tests. */
export interface Balancer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Gives each connection to the next worker that takes it. Restate opens one connection from each of its nodes, so that
 * this spreads work over a handful of workers; in production a proxy that balances requests of HTTP/2 does it.
 */
export async function startBalancer(ports: readonly number[]): Promise<Balancer> {
  let next = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    sockets.add(client);
    client.on('close', () => sockets.delete(client));
    // Its end is what tells the other side.
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
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
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
