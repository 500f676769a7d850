import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Api } from './api.ts';

/** A route of our own beside the AWS API; `rest` is the request's query. */
export type Route = (
  request: IncomingMessage,
  response: ServerResponse,
  query: URLSearchParams,
) => Promise<void>;

export interface HttpServer {
  /** `http://host:port`, the port as given by the system when 0 was asked for. */
  readonly url: string;
  /** Takes no new connections and waits until the requests under way are answered. */
  close(): Promise<void>;
}

/** Listens with the AWS API and our own routes, keyed by `METHOD /path`, on one origin. */
export async function listen(
  { host, port }: { readonly host: string; readonly port: number },
  api: Api,
  routes: ReadonlyMap<string, Route>,
): Promise<HttpServer> {
  const server = createServer((request, response) => {
    const url = request.url ?? '/';
    const question = url.indexOf('?');
    const path = question < 0 ? url : url.slice(0, question);
    const route = routes.get(`${request.method} ${path}`);
    if (route === undefined) void api(request, response);
    else void route(request, response, new URLSearchParams(question < 0 ? '' : url.slice(question + 1)));
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
