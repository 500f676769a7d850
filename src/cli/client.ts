import { readFileSync } from 'node:fs';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { Option } from 'commander';
import { type Sign, signer } from '../client/sign.ts';
import { fileTrouble } from '../load/file-trouble.ts';
import { CommandError, UsageError } from '../server/usage-error.ts';
import { explainConnection, TimeoutError } from './explain-connection.ts';

/** Seconds without a byte from the server, by default. */
const TIMEOUT = 30;

const DEFAULT_URL = 'http://127.0.0.1:9470';

/** The flags of every command that talks to a server. */
export interface ServerFlags {
  readonly url: string;
  readonly ca?: string;
  readonly profile?: string;
  readonly timeout?: string;
}

/** Adds `--url` and the flags of `withCredentialFlags`. */
export function withServerFlags(command: Command): Command {
  return withCredentialFlags(
    command.addOption(
      new Option('--url <url>', 'address of the server').env('TRIPLINE_URL').default(DEFAULT_URL),
    ),
  );
}

/** Adds `--ca`, `--profile` and `--timeout`, for commands that take the server's address as an argument. */
export function withCredentialFlags(command: Command): Command {
  return command
    .addOption(
      new Option('--ca <file>', 'certificate authority (PEM) that signed the server’s certificate').env(
        'TRIPLINE_CA',
      ),
    )
    .option('--profile <name>', 'AWS profile to sign requests with (default: AWS_PROFILE, if set)')
    .addOption(
      new Option('--timeout <seconds>', 'how long to wait for the server to send something')
        .env('TRIPLINE_TIMEOUT')
        .default(String(TIMEOUT)),
    );
}

export const SIGNING_HELP = `
Requests are signed with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or with the profile named by --profile or
AWS_PROFILE. A server without --credentials needs no signature.`;

/** A client for the server that the flags name. Throws UsageError for a flag that cannot be used. */
export function connect({ url, ca, profile, timeout }: ServerFlags): ApiClient {
  const env = profile === undefined ? process.env : { ...process.env, AWS_PROFILE: profile };
  return new ApiClient(url, env, {
    ...(ca !== undefined && { ca: readCa(ca) }),
    ...(timeout !== undefined && { timeout: secondsOf(timeout) }),
  });
}

interface ClientOptions {
  readonly ca?: Buffer;
  readonly timeout?: number;
}

/** The response of a server. */
export interface Answer {
  readonly ok: boolean;
  /** The name of the exception, when it is not ok. */
  readonly error: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * Calls a server over HTTP, as any client would, and signs with the access key or the profile that the environment
 * names, if it names one. Rejects with CommandError unless there is a usable response.
 */
export class ApiClient {
  readonly #url: URL;
  readonly #ca: Buffer | undefined;
  readonly #timeout: number;
  readonly #env: NodeJS.ProcessEnv;
  #sign: Promise<Sign | undefined> | undefined;

  /** `timeout` in seconds: how long the server may send nothing. */
  constructor(url: string, env: NodeJS.ProcessEnv = {}, { ca, timeout = TIMEOUT }: ClientOptions = {}) {
    this.#url = readUrl(url);
    this.#env = env;
    this.#ca = ca;
    this.#timeout = timeout;
  }

  async call(
    method: string,
    path: string,
    body?: object,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Readonly<Record<string, unknown>>> {
    const answer = await this.send(method, path, body, headers);
    if (answer.ok) return answer.body;
    throw refused(method, path, answer.error, answer.body.message);
  }

  /** All items of a list operation, page by page; `member` holds a page's items. */
  async *pages<T>(path: string, member: string): AsyncGenerator<readonly T[]> {
    let token: unknown;
    do {
      const separator = path.includes('?') ? '&' : '?';
      const query = typeof token === 'string' ? `${separator}nextToken=${encodeURIComponent(token)}` : '';
      const page = await this.call('GET', path + query);
      yield page[member] as readonly T[];
      token = page.nextToken;
    } while (token !== undefined);
  }

  /** The response as a stream of bytes. */
  async stream(path: string): Promise<IncomingMessage> {
    const response = await this.#request('GET', path);
    if (isOk(response)) return response;
    const { error, body } = await readAnswer(response);
    throw refused('GET', path, error, body.message);
  }

  /** The response as text, whatever its status. */
  async text(path: string): Promise<{ readonly ok: boolean; readonly text: string }> {
    const response = await this.#request('GET', path);
    return { ok: isOk(response), text: await text(response) };
  }

  /** Creates a resource, or updates the one of that name. */
  async put(
    create: readonly [path: string],
    update: readonly [method: string, path: string],
    body: object,
  ): Promise<void> {
    const answer = await this.send('POST', create[0], body);
    if (answer.ok) return;
    if (answer.error === 'ResourceAlreadyExistsException') await this.call(update[0], update[1], body);
    else throw refused('POST', create[0], answer.error, answer.body.message);
  }

  /** The response, even when it is an exception. Rejects when there is none. */
  async send(
    method: string,
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const response = await this.#request(method, path, body, headers);
    try {
      return await readAnswer(response);
    } catch (cause) {
      if (cause instanceof TimeoutError) throw this.#notAnswered(cause);
      throw new CommandError(
        `${this.#url.origin} answered ${method} ${path} with status ${response.statusCode} and no JSON: is it a Tripline server?`,
        { cause },
      );
    }
  }

  async #request(
    method: string,
    path: string,
    body?: object,
    more: Readonly<Record<string, string>> = {},
  ): Promise<IncomingMessage> {
    const base = this.#url.href.replace(/\/$/, '');
    const url = new URL(base + path);
    const plain = { 'content-type': 'application/json', ...more };
    const content = body && JSON.stringify(body);
    const unsigned = { method, path: url.pathname, query: [...url.searchParams], body: content };
    this.#sign ??= readSigner(this.#env);
    const sign = await this.#sign;
    const headers = (await sign?.(unsigned, url, plain, signingName(url))) ?? plain;
    const request = url.protocol === 'https:' ? requestHttps : requestHttp;
    const timeout = this.#timeout * 1000;
    const options = { method, headers, timeout, ...(this.#ca !== undefined && { ca: this.#ca }) };
    return new Promise((resolve, reject) => {
      let response: IncomingMessage | undefined;
      const sent = request(url, options, (received) => {
        response = received;
        resolve(received);
      });
      sent.on('timeout', () =>
        (response ?? sent).destroy(new TimeoutError(this.#timeout, sent.socket?.connecting === false)),
      );
      sent.on('error', (cause) => reject(this.#notAnswered(cause)));
      sent.end(content);
    });
  }

  #notAnswered(cause: Error): CommandError {
    return new CommandError(explainConnection(cause, this.#url.origin), { cause });
  }
}

async function readAnswer(response: IncomingMessage): Promise<Answer> {
  const content = await text(response);
  return {
    ok: isOk(response),
    error: String(response.headers['x-amzn-errortype'] ?? `status ${response.statusCode}`),
    body: content === '' ? {} : (JSON.parse(content) as Record<string, unknown>),
  };
}

/** Topic rules and their tags belong to another service than everything else. */
function signingName({ pathname, searchParams }: URL): string {
  const isRule = /\/(rules|untag)(\/|$)/.test(pathname) || searchParams.get('resourceArn')?.includes(':iot:');
  return isRule ? 'iot' : 'iotevents';
}

function isOk({ statusCode = 0 }: IncomingMessage): boolean {
  return statusCode >= 200 && statusCode < 300;
}

function refused(method: string, path: string, error: string, message: unknown): CommandError {
  const hint = /MissingAuthenticationToken/.test(error) ? `\n${SIGNING_HELP.trim()}` : '';
  return new CommandError(`${method} ${path} failed with ${error}: ${message}${hint}`);
}

function readUrl(url: string): URL {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return new URL(url);
  const example = /^[\w.-]+(:\d+)?$/.test(url) ? `http://${url}` : DEFAULT_URL;
  throw new UsageError(
    `The address of a server begins with http:// or https://, such as ${example}; '${url}' does not`,
  );
}

function secondsOf(timeout: string): number {
  const seconds = Number(timeout);
  if (seconds > 0 && seconds <= 86_400) return seconds;
  throw new UsageError(`--timeout must be a number of seconds from above 0 to 86400, not '${timeout}'`);
}

function readCa(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UsageError(`--ca ${file} cannot be read: ${fileTrouble(error)}`);
  }
}

/** The access key of the environment, else the profile that it names, else none. */
async function readSigner(env: NodeJS.ProcessEnv): Promise<Sign | undefined> {
  const region = env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? 'us-east-1';
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  const { AWS_SESSION_TOKEN: sessionToken, AWS_PROFILE: profile } = env;
  if (accessKeyId && secretAccessKey)
    return signer(region, { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) });
  if (!profile) return undefined;
  const { fromIni } = await import('@aws-sdk/credential-provider-ini');
  try {
    return signer(region, await fromIni({ profile })());
  } catch (cause) {
    throw new CommandError(`The AWS profile ${profile} cannot be used: ${(cause as Error).message}`, {
      cause,
    });
  }
}
