import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Limits } from '../limits.ts';
import type { Log } from '../runtime/log.ts';
import { answering, failureAnswer, REQUEST_ID, sendAnswer } from './answering.ts';
import type { Api } from './api.ts';
import type { OwnAction } from './auth/actions.ts';
import { type Caller, type Gate, isBasic } from './auth/gate.ts';
import { type BodyReader, createBodyReader } from './body.ts';
import type { DirectAnswers } from './ordinary-connection.ts';
import type { RequestHead } from './ordinary-request.ts';
import { refuseForeign } from './origin.ts';
import { parseTarget } from './target.ts';

/** One of the server's own routes beside the AWS API. */
export interface Route {
  /** The required permission, such as `tripline:ListActions`; `*` for any signed request, absent for a public route. */
  readonly access?: OwnAction | '*';
  /** Whether Basic authentication will do: for programs that do not sign, see `Gate.admitBasic`. */
  readonly takesBasic?: boolean;
  /** Whether links on other sites may lead here: only for content that is the same for everybody. */
  readonly isPage?: boolean;
  answer(
    request: IncomingMessage,
    response: ServerResponse,
    query: URLSearchParams,
    body: () => Promise<Buffer>,
    /** The signer, when requests must be signed. */
    caller: Caller | undefined,
  ): Promise<void>;
}

/** Finds the server's own route for a method and a path. */
export type FindRoute = (method: string, path: string) => Route | undefined;

export interface FrontOptions {
  readonly api: Api;
  readonly findRoute: FindRoute;
  /** Absent when everybody may call. */
  readonly gate?: Gate | undefined;
  /** Host names of this server, in addition to addresses and names without a dot. */
  readonly allowedHosts: readonly string[];
  readonly limits: Limits;
  /** Called for each request that the gate has admitted. */
  readonly onAdmitted?: ((request: RequestHead) => void) | undefined;
  readonly log: Log;
}

export interface Front {
  readonly listener: RequestListener;
  /** The same answers to operations of the AWS API, for requests that are there as a whole. */
  readonly direct: DirectAnswers;
  /** Keys or policies have changed: ends answers in progress, mainly streams, that are no longer allowed. */
  revalidate(): void;
}

/** Everything on one origin: the AWS API and the server's own routes, behind the same checks. */
export function createFront({
  api,
  findRoute,
  gate,
  allowedHosts,
  limits,
  onAdmitted,
  log,
}: FrontOptions): Front {
  const readBody: BodyReader = createBodyReader(limits);
  /** Answers in progress, with a check whether they may continue. */
  const answers = new Map<ServerResponse, () => boolean>();
  const answer = answering(log, async (request, response, requestId) => {
    const target = parseTarget(request.url ?? '/');
    const { method = 'GET' } = request;
    const route = api.owns(method, target.path) ? undefined : findRoute(method, target.path);
    refuseForeign(request.headers, allowedHosts, route?.isPage);
    if (route === undefined)
      return sendAnswer(response, await api.answer(request, target, requestId, () => readBody(request)));
    response.setHeader(REQUEST_ID, requestId);
    let reading: Promise<Buffer> | undefined;
    const body = () => {
      reading ??= readBody(request);
      return reading;
    };
    let caller: Caller | undefined;
    if (gate !== undefined && route.access !== undefined) {
      const action = route.access === '*' ? undefined : route.access;
      const { authorization } = request.headers;
      if (action !== undefined && route.takesBasic && isBasic(authorization))
        caller = gate.admitBasic(authorization, action);
      else {
        gate.expect({ message: request, target });
        caller = gate.admit({ message: request, target, body: await body() });
      }
      onAdmitted?.(request);
      if (action !== undefined) caller.act(action);
      const { mayStill } = caller;
      answers.set(response, () => mayStill(action));
      response.once('close', () => answers.delete(response));
    }
    await route.answer(request, response, new URLSearchParams(target.query), body, caller);
  });
  const direct: DirectAnswers = {
    takes: api.owns,
    answer: async (request, body) => {
      const requestId = randomUUID();
      try {
        refuseForeign(request.headers, allowedHosts);
        return await api.answer(request, request.target, requestId, () => body);
      } catch (error) {
        return failureAnswer(error, request, requestId, log);
      }
    },
  };
  return {
    direct,
    listener: (request, response) => void answer(request, response),
    revalidate: () => {
      for (const [response, mayGoOn] of answers) if (!mayGoOn()) response.destroy();
    },
  };
}
