import { createServer, type Server } from 'node:net';
import { Aedes } from 'aedes';

/** The embedded MQTT broker (MQTT 3.1.1). */
export interface Broker {
  readonly port: number;
  close(): Promise<void>;
}

/** Whether that user may connect; the password is undefined when none was given. */
export type Admit = (username: string | undefined, password: string | undefined) => boolean;

/** Listens; rejects with the socket's error when the port cannot be had. Without `admit` everybody may connect. */
export async function startBroker(host: string, port: number, admit?: Admit): Promise<Broker> {
  const aedes = await Aedes.createBroker();
  if (admit !== undefined) {
    aedes.authenticate = (_client, username, password, done) =>
      done(null, admit(username, password?.toString('utf8')));
  }
  const server = createServer(aedes.handle);
  try {
    await listen(server, host, port);
  } catch (error) {
    await new Promise<void>((resolve) => aedes.close(resolve));
    throw error;
  }
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: async () => {
      await new Promise<void>((resolve) => aedes.close(resolve));
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
