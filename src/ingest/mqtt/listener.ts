import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls';
import type { Transport } from './connection.ts';

export interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  /** When present, the listener speaks TLS. */
  readonly tls?: TlsOptions | undefined;
  /** Maximum number of connections; further ones are closed. */
  readonly connections: number;
  /** Milliseconds allowed for the TLS handshake. */
  readonly handshakeTimeout: number;
}

/** A port that accepts MQTT connections. */
export interface Listener {
  readonly port: number;
  /** Applies to new connections; throws when the options are not a certificate and its key. */
  renewTls(options: TlsOptions): void;
  /** Accepts no new connections and closes the existing ones. */
  close(): Promise<void>;
}

/** Listens, and passes each connection to `connect`. Rejects with the socket's error when the port cannot be opened. */
export async function openListener(
  { host, port, tls, connections, handshakeTimeout }: ListenerOptions,
  connect: (transport: Transport) => void,
): Promise<Listener> {
  const open = new Set<Socket>();
  const secure = tls && createTlsServer({ ...tls, handshakeTimeout });
  const server: Server = secure ?? createServer();
  server.maxConnections = connections;
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    socket.setNoDelay(true);
    if (secure === undefined) connect(transportOf(socket));
  });
  secure?.on('secureConnection', (socket: TLSSocket) => {
    const { raw } = socket.getPeerCertificate();
    connect({ ...transportOf(socket), certificate: socket.authorized ? raw : undefined });
  });
  // A failed handshake closes its socket; no answer is possible.
  secure?.on('tlsClientError', (_error, socket) => socket.destroy());
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    renewTls: (options) => secure?.setSecureContext(options),
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

function transportOf(socket: Socket): Transport {
  return {
    stream: socket,
    address: socket.remoteAddress?.replace(/^::ffff:/, '') ?? '',
    isEncrypted: 'encrypted' in socket,
  };
}
