import { randomUUID } from 'node:crypto';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Answer } from './answering.ts';
import type { Api } from './api.ts';
import { ERRORS, invalid } from './errors.ts';
import { parseTarget } from './target.ts';

/** A route of our own beside the AWS API, wrapped by `answering`. */
export type Route = Answer<[query: URLSearchParams]>;

export interface HttpServer {
  /** `http://host:port`, the port as given by the system when 0 was asked for. */
  readonly url: string;
  /** Takes no new connections and waits until the requests under way are answered. */
  close(): Promise<void>;
}

/** The route of our own for a method and a path, if there is one. */
export type FindRoute = (method: string, path: string) => Route | undefined;

/** Listens with the AWS API and our own routes on one origin. */
export async function listen(
  { host, port }: { readonly host: string; readonly port: number },
  api: Api,
  findRoute: FindRoute,
): Promise<HttpServer> {
  const underWay = new WeakMap<Socket, ServerResponse>();
  const server = createServer((request, response) => {
    underWay.set(request.socket, response);
    const { path, query } = parseTarget(request.url ?? '/');
    const route = findRoute(request.method ?? 'GET', path);
    if (route === undefined) void api(request, response);
    else void route(request, response, new URLSearchParams(query));
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    refuse(error, socket, underWay.get(socket));
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
  return { url: urlOf(server, host), close: () => close(server) };
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
  const { code, message } = invalid(explain(error.code));
  const body = JSON.stringify({ message });
  const head = [
    `HTTP/1.1 ${ERRORS[code]} Bad Request`,
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

function urlOf(server: Server, host: string): string {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
    server.closeIdleConnections();
  });
}
