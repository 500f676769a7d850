import { randomUUID } from 'node:crypto';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { DEFAULT_LIMITS, type Limits } from '../limits.ts';
import { invalid, ServiceError } from '../wire/errors.ts';

/** Milliseconds. */
const CLOSE_GRACE = 3_000;

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** With it the server speaks HTTPS. */
  readonly tls?: TlsFiles | undefined;
  readonly limits?: Limits;
  /** Milliseconds that requests under way have when the server closes. */
  readonly closeGrace?: number;
  /** Whether callers prove who they are: then only so many connections of those who have not are kept. */
  readonly vouches?: boolean;
}

/** Contents of PEM files. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

export interface HttpServer {
  /** `http://host:port`, the port as given by the system when 0 was asked for. */
  readonly url: string;
  /** Upgrades to another protocol go there; without it they are answered as plain requests. */
  onUpgrade(listener: (request: IncomingMessage, socket: Duplex, head: Buffer) => void): void;
  /** Somebody who may call has sent this request: its connection counts as known. */
  vouch(request: IncomingMessage): void;
  /** New connections use these from now on; throws for what are no certificate and its key. */
  renewTls(files: TlsFiles): void;
  /** Takes no new connections or requests and waits until those under way are answered, for a while. */
  close(): Promise<void>;
}

/** Listens, and hands each request to `answer`, which must not throw. Rejects when the port cannot be had. */
export async function listen(
  { host, port, tls, limits = DEFAULT_LIMITS, closeGrace = CLOSE_GRACE, vouches = false }: ListenOptions,
  answer: RequestListener,
): Promise<HttpServer> {
  const underWay = new WeakMap<Socket, ServerResponse>();
  let closing = false;
  const listener: RequestListener = (request, response) => {
    underWay.set(request.socket, response);
    if (closing) refuseLate(response);
    else answer(request, response);
  };
  const { headerBytes: maxHeaderSize, handshakeTimeout } = limits;
  const secure =
    tls && createTlsServer({ ...tls, maxHeaderSize, handshakeTimeout, minVersion: 'TLSv1.2' }, listener);
  const server: Server = secure ?? createServer({ maxHeaderSize }, listener);
  // Below HTTP and TLS: what never says a word is closed with the others.
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  // In the order in which they came.
  const strangers = new Set<Socket>();
  if (vouches)
    server.on(secure === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
      strangers.add(socket);
      socket.once('close', () => strangers.delete(socket));
      if (strangers.size <= limits.unauthenticatedConnections) return;
      const [oldest] = strangers;
      if (oldest !== undefined) strangers.delete(oldest);
      oldest?.destroy();
    });
  server.maxConnections = limits.connections;
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    // A handshake that failed, or never came: nobody is there to be answered.
    if (socket instanceof TLSSocket && socket.alpnProtocol === null) socket.destroy();
    else refuse(error, socket, underWay.get(socket));
  });
  // A client that sends half a request does not hold its connection for ever.
  server.requestTimeout = 60_000;
  server.headersTimeout = 20_000;
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    url: urlOf(server, host, secure === undefined ? 'http' : 'https'),
    onUpgrade: (listener) =>
      void server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
        // What is spoken from here on has bounds of its own.
        strangers.delete(request.socket);
        listener(request, socket, head);
      }),
    vouch: ({ socket }) => void strangers.delete(socket),
    renewTls: (files) => secure?.setSecureContext({ ...files, minVersion: 'TLSv1.2' }),
    close: () => {
      closing = true;
      return close(server, sockets, underWay, closeGrace);
    },
  };
}

/**
 * Answers what is no HTTP, in the form that clients of the API read: for this there is no request to respond to,
 * so the answer is written as text. Never into the middle of another answer.
 */
function refuse(error: NodeJS.ErrnoException, socket: Socket, latest: ServerResponse | undefined): void {
  const answering = latest?.headersSent === true && !latest.writableFinished;
  if (error.code === 'ECONNRESET' || !socket.writable || answering) {
    socket.destroy();
    return;
  }
  const { code, status, message } = invalid(explain(error.code));
  const body = JSON.stringify({ message });
  const head = [
    `HTTP/1.1 ${status} Bad Request`,
    `x-amzn-RequestId: ${randomUUID()}`,
    `x-amzn-ErrorType: ${code}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}

function explain(code: string | undefined): string {
  if (code === 'HPE_HEADER_OVERFLOW') return 'The request headers are too large';
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'The request did not arrive in time';
  return 'The request is not valid HTTP';
}

function urlOf(server: Server, host: string, scheme: string): string {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** What comes over a kept connection while the server closes: it ends with this answer. */
function refuseLate(response: ServerResponse): void {
  const { code, status, message } = new ServiceError(
    'ServiceUnavailableException',
    'The server is shutting down',
  );
  response.setHeader('Connection', 'close');
  response.setHeader('x-amzn-RequestId', randomUUID());
  response.setHeader('x-amzn-ErrorType', code);
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify({ message }));
}

function close(
  server: Server,
  sockets: ReadonlySet<Socket>,
  underWay: WeakMap<Socket, ServerResponse>,
  grace: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    // A client that does not read its answer, or sends nothing, does not keep the server from ending.
    const late = setTimeout(() => {
      for (const socket of sockets) socket.destroy();
    }, grace);
    server.close((error) => {
      clearTimeout(late);
      if (error) reject(error);
      else resolve();
    });
    server.closeIdleConnections();
    // Their connections end with the answers under way.
    for (const socket of sockets) {
      const response = underWay.get(socket);
      if (response !== undefined && !response.headersSent) response.setHeader('Connection', 'close');
    }
  });
}
