import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { sendJson } from '../answering.ts';
import type { FindRoute, Route } from '../front.ts';
import { type ConsoleFile, etagOf, readConsole } from './files.ts';

/** What a browser needs to know before sign-in. */
export interface ConsoleSettings {
  /** Whether requests must be signed. */
  readonly signIn: boolean;
  /** The region for signatures. */
  readonly region: string;
}

const HEADERS: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  // Inline styles are allowed, for components that measure and position themselves; inline scripts are not.
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "base-uri 'self'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
};
const FOREVER = 'public, max-age=31536000, immutable';
/** File names below it contain a hash of the content. */
const HASHED = 'assets/';
const ROOT = '/console/';

/**
 * Serves the console below `/console/` to everybody, since its data comes from routes with their own access checks.
 * Every other path there returns the page itself, which shows the screen of that address.
 */
export function consoleRoutes(settings: ConsoleSettings): FindRoute {
  let files: ReadonlyMap<string, ConsoleFile> | undefined;
  const redirect: Route = {
    isPage: true,
    answer: async (_request, response) => {
      // Relative, for servers behind a path prefix.
      response.writeHead(302, { Location: 'console/' }).end();
    },
  };
  const known: Route = {
    answer: async (_request, response) => sendJson(response, 200, settings),
  };
  return (method, path) => {
    if (method !== 'GET' && method !== 'HEAD') return undefined;
    if (path === '/' || path === '/console') return redirect;
    if (path === `${ROOT}settings.json`) return known;
    if (!path.startsWith(ROOT)) return undefined;
    const name = path.slice(ROOT.length);
    return {
      isPage: true,
      answer: async (request, response) => {
        files ??= readConsole();
        const file = files.get(name);
        if (file !== undefined && name !== 'index.html') {
          const caching = name.startsWith(HASHED) ? FOREVER : 'no-cache';
          return send(request, response, file, caching);
        }
        const page = files.get('index.html');
        if (page === undefined) return refuse(response, 'The console is not built; run npm run build.');
        if (name.startsWith(HASHED)) return refuse(response, `There is no ${name}.`);
        send(request, response, pageAt(page, name), 'no-cache');
      },
    };
  };
}

/** The page with the relative path to the console's root, which the browser resolves against its own address. */
function pageAt(page: ConsoleFile, name: string): ConsoleFile {
  const depth = name.split('/').length - 1;
  const base = depth === 0 ? './' : '../'.repeat(depth);
  const content = Buffer.from(
    page.content.toString('utf8').replace('<base href="./"', `<base href="${base}"`),
  );
  return { type: page.type, content, gzip: gzipSync(content), etag: etagOf(content) };
}

function send(request: IncomingMessage, response: ServerResponse, file: ConsoleFile, caching: string): void {
  const common = { ...HEADERS, 'Cache-Control': caching, ETag: file.etag, Vary: 'Accept-Encoding' };
  if (request.headers['if-none-match'] === file.etag) {
    response.writeHead(304, common).end();
    return;
  }
  const zipped = /\bgzip\b/.test(String(request.headers['accept-encoding'])) ? file.gzip : undefined;
  const body = zipped ?? file.content;
  response.writeHead(200, {
    ...common,
    'Content-Type': file.type,
    'Content-Length': body.length,
    ...(zipped !== undefined && { 'Content-Encoding': 'gzip' }),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function refuse(response: ServerResponse, why: string): void {
  response.writeHead(404, { ...HEADERS, 'Content-Type': 'text/plain; charset=utf-8' }).end(`${why}\n`);
}
