import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Limits } from '../limits.ts';
import type { Log } from '../runtime/log.ts';
import { answering } from './answering.ts';
import type { Api } from './api.ts';
import type { OwnAction } from './auth/actions.ts';
import type { Caller, Gate } from './auth/gate.ts';
import { type BodyReader, createBodyReader } from './body.ts';
import { refuseForeign } from './origin.ts';
import { parseTarget } from './target.ts';

/** A route of our own beside the AWS API. */
export interface Route {
  /**
   * What a caller must be allowed to do, such as `tripline:ListActions`; `*` for whoever has signed, absent for what
   * is open to all.
   */
  readonly access?: OwnAction | '*';
  /** Whether a link on another site may lead here: only for what is the same for everybody. */
  readonly isPage?: boolean;
  answer(
    request: IncomingMessage,
    response: ServerResponse,
    query: URLSearchParams,
    body: () => Promise<Buffer>,
    /** Whoever has signed, where everybody must. */
    caller: Caller | undefined,
  ): Promise<void>;
}

/** The route of our own for a method and a path, if there is one. */
export type FindRoute = (method: string, path: string) => Route | undefined;

export interface FrontOptions {
  readonly api: Api;
  readonly findRoute: FindRoute;
  /** Absent when everybody may call. */
  readonly gate?: Gate | undefined;
  /** Names by which this server is called, beside addresses and names without a dot. */
  readonly allowedHosts: readonly string[];
  readonly limits: Limits;
  /** Reads bodies together with others; its own by `limits` without. */
  readonly readBody?: BodyReader;
  /** Told of each request that the gate has let in. */
  readonly onAdmitted?: ((request: IncomingMessage) => void) | undefined;
  readonly log: Log;
}

export interface Front {
  readonly listener: RequestListener;
  /** Keys or policies have changed: ends the answers under way, streams above all, that are not allowed any more. */
  revalidate(): void;
}

/** Everything on one origin: the AWS API and our own routes, behind the same guards. */
export function createFront({
  api,
  findRoute,
  gate,
  allowedHosts,
  limits,
  readBody = createBodyReader(limits),
  onAdmitted,
  log,
}: FrontOptions): Front {
  /** Those under way, with whether they may still go on. */
  const answers = new Map<ServerResponse, () => boolean>();
  const answer = answering(log, async (request: IncomingMessage, response: ServerResponse) => {
    const target = parseTarget(request.url ?? '/');
    const route = findRoute(request.method ?? 'GET', target.path);
    refuseForeign(request.headers, allowedHosts, route?.isPage);
    if (route === undefined) return api(request, response);
    let reading: Promise<Buffer> | undefined;
    const body = () => {
      reading ??= readBody(request);
      return reading;
    };
    let caller: Caller | undefined;
    if (gate !== undefined && route.access !== undefined) {
      gate.expect({ message: request, target });
      caller = gate.admit({ message: request, target, body: await body() });
      onAdmitted?.(request);
      const action = route.access === '*' ? undefined : route.access;
      if (action !== undefined) caller.act(action);
      const { mayStill } = caller;
      answers.set(response, () => mayStill(action));
      response.once('close', () => answers.delete(response));
    }
    await route.answer(request, response, new URLSearchParams(target.query), body, caller);
  });
  return {
    listener: (request, response) => void answer(request, response),
    revalidate: () => {
      for (const [response, mayGoOn] of answers) if (!mayGoOn()) response.destroy();
    },
  };
}
