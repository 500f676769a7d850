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
import { type ConnectionOptions, type DirectAnswers, OrdinaryConnection } from './ordinary-connection.ts';
import type { RequestHead } from './ordinary-request.ts';

/** Milliseconds. */
const CLOSE_GRACE = 3_000;
const REQUEST_TIMEOUT = 60_000;
const HEADERS_TIMEOUT = 20_000;
const KEEP_ALIVE_TIMEOUT = 65_000;

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** When present, the server speaks HTTPS. */
  readonly tls?: TlsFiles | undefined;
  readonly limits?: Limits;
  /** Milliseconds that requests in progress get to finish when the server closes. */
  readonly closeGrace?: number;
  /** Whether callers authenticate: then the number of connections that have not done so is limited. */
  readonly vouches?: boolean;
}

/** Contents of PEM files. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

export interface HttpServer {
  /** `http://host:port`, with the port assigned by the system when 0 was requested. */
  readonly url: string;
  /** Receives upgrade requests; without a listener they are answered as plain requests. */
  onUpgrade(listener: (request: IncomingMessage, socket: Duplex, head: Buffer) => void): void;
  /** An authenticated caller has sent this request: its connection counts as known. */
  vouch(request: RequestHead): void;
  /** Applies to new connections; throws when the files are not a certificate and its key. */
  renewTls(files: TlsFiles): void;
  /** Accepts no new connections or requests, and waits up to a timeout until those in progress are answered. */
  close(): Promise<void>;
}

/**
 * Listens, and passes each request to `answer`, which must not throw; ordinary ones that `direct` takes go there. Rejects
 * when the port cannot be opened.
 */
export async function listen(
  { host, port, tls, limits = DEFAULT_LIMITS, closeGrace = CLOSE_GRACE, vouches = false }: ListenOptions,
  answer: RequestListener,
  direct?: DirectAnswers,
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
  const whenReadable = secure === undefined ? 'connection' : 'secureConnection';
  const ordinary = direct === undefined ? [] : takeOrdinary(server, whenReadable, direct, limits);
  // Below HTTP and TLS, so that connections that never send anything are closed too.
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  // In order of arrival.
  const strangers = new Set<Socket>();
  if (vouches)
    server.on(whenReadable, (socket: Socket) => {
      strangers.add(socket);
      socket.once('close', () => strangers.delete(socket));
      if (strangers.size <= limits.unauthenticatedConnections) return;
      const [oldest] = strangers;
      if (oldest !== undefined) strangers.delete(oldest);
      oldest?.destroy();
    });
  server.maxConnections = limits.connections;
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    // The handshake failed or never came, so no answer is possible.
    if (socket instanceof TLSSocket && socket.alpnProtocol === null) socket.destroy();
    else refuse(error.code, socket, underWay.get(socket));
  });
  // A client that sends half a request must not hold its connection forever.
  server.requestTimeout = REQUEST_TIMEOUT;
  server.headersTimeout = HEADERS_TIMEOUT;
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT;
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
        // The new protocol has its own limits.
        strangers.delete(request.socket);
        listener(request, socket, head);
      }),
    vouch: ({ socket }) => void strangers.delete(socket),
    renewTls: (files) => secure?.setSecureContext({ ...files, minVersion: 'TLSv1.2' }),
    close: () => {
      closing = true;
      for (const connection of ordinary) connection.close();
      return close(server, sockets, underWay, closeGrace);
    },
  };
}

/**
 * Puts itself before the listener with which Node's server takes a connection when `event` happens. Returns the
 * connections that are not handed over to it.
 */
function takeOrdinary(
  server: Server,
  event: 'connection' | 'secureConnection',
  direct: DirectAnswers,
  limits: Limits,
): ReadonlySet<OrdinaryConnection> {
  const connections = new Set<OrdinaryConnection>();
  const [handOver] = server.listeners(event) as [(socket: Socket) => void];
  server.off(event, handOver);
  const options: ConnectionOptions = {
    ...{ direct, limits, firstTimeout: HEADERS_TIMEOUT, idleTimeout: KEEP_ALIVE_TIMEOUT },
    handOver: (socket) => handOver.call(server, socket),
    onLate: (socket) => refuse('ERR_HTTP_REQUEST_TIMEOUT', socket, undefined),
    onGone: (connection) => connections.delete(connection),
  };
  server.on(event, (socket: Socket) => connections.add(new OrdinaryConnection(socket, options)));
  return connections;
}

/**
 * Answers input that is not HTTP, in the form that API clients parse. There is no response object for it, so the answer
 * is written as text, and never into the middle of another answer.
 */
function refuse(reason: string | undefined, socket: Socket, latest: ServerResponse | undefined): void {
  const answering = latest?.headersSent === true && !latest.writableFinished;
  if (reason === 'ECONNRESET' || !socket.writable || answering) {
    socket.destroy();
    return;
  }
  const { code, status, message } = invalid(explain(reason));
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

function explain(reason: string | undefined): string {
  if (reason === 'HPE_HEADER_OVERFLOW') return 'The request headers are too large';
  if (reason === 'ERR_HTTP_REQUEST_TIMEOUT') return 'The request did not arrive in time';
  return 'The request is not valid HTTP';
}

function urlOf(server: Server, host: string, scheme: string): string {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Answers a request on a kept connection while the server closes; the connection ends with this answer. */
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
    // A client that does not read its answer, or sends nothing, must not keep the server from closing.
    const late = setTimeout(() => {
      for (const socket of sockets) socket.destroy();
    }, grace);
    server.close((error) => {
      clearTimeout(late);
      if (error) reject(error);
      else resolve();
    });
    server.closeIdleConnections();
    // These connections end with the answers in progress.
    for (const socket of sockets) {
      const response = underWay.get(socket);
      if (response !== undefined && !response.headersSent) response.setHeader('Connection', 'close');
    }
  });
}
