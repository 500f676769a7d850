import { SendError } from './classify-error.ts';

/** An answer as returned by the SDK's HTTP client. */
interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array> & { destroy(error?: Error): void };
}

/** The form of a service's answers. */
interface Expected {
  /** Maximum bytes of an answer. */
  readonly answerBytes: number;
  /** Whether the body of a success is JSON; the SDK does not check it for operations without output. */
  readonly isJson: boolean;
}

/** The part of an SDK client that is changed here. */
interface Client {
  readonly config: {
    readonly requestHandler: {
      handle(request: never, options?: object): Promise<{ response: HttpAnswer }>;
    };
  };
}

/**
 * Reads each answer completely before the SDK parses it, so that a truncated or oversized answer, or a page from a
 * proxy, is not mistaken for the service's own. A call's `abortSignal` also ends the reading.
 */
export function readAnswersWhole(client: Client, { answerBytes, isJson }: Expected): void {
  const { requestHandler } = client.config;
  const handle = requestHandler.handle.bind(requestHandler);
  requestHandler.handle = async (request, options = {}) => {
    const { response } = await handle(request, options);
    const { abortSignal: signal } = options as { readonly abortSignal?: AbortSignal };
    const body = await readWhole(response, signal, answerBytes);
    const isPage =
      /\bhtml\b/.test(response.headers['content-type'] ?? '') &&
      /^\s*<(!doctype|html)/i.test(body.toString());
    if (isPage)
      throw new SendError(
        'RETRYABLE',
        `Status ${response.statusCode} with an HTML page: something between here and the service has answered`,
      );
    if (isJson && response.statusCode === 200 && body.length > 0) refuseUnlessJson(body);
    return { response: Object.assign(response, { body }) };
  };
}

function refuseUnlessJson(body: Buffer): void {
  try {
    JSON.parse(body.toString());
  } catch (error) {
    const why = error instanceof Error ? error.message : error;
    throw new SendError(
      'RETRYABLE',
      `The answer with status 200 is not the JSON that the service answers with: ${why}`,
      {
        cause: error,
      },
    );
  }
}

async function readWhole(
  { body, statusCode }: HttpAnswer,
  signal: AbortSignal | undefined,
  answerBytes: number,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const stop = () => body.destroy(new Error('the time limit was reached'));
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop);
  try {
    for await (const chunk of body) {
      size += chunk.length;
      if (size > answerBytes)
        throw new SendError('RETRYABLE', `The answer is longer than ${answerBytes} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof SendError) throw error;
    const why = error instanceof Error ? error.message : error;
    const message = `The answer with status ${statusCode} was cut off after ${size} bytes: ${why}`;
    throw new SendError('RETRYABLE', message, { cause: error });
  } finally {
    signal?.removeEventListener('abort', stop);
  }
  return Buffer.concat(chunks);
}

/** Resolves like `attempt`; rejects with a SendError when the time limit is reached first. */
export async function within<T>(
  milliseconds: number,
  attempt: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const overdue = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new SendError('RETRYABLE', `No complete answer within ${milliseconds / 1000} s`));
      controller.abort();
    }, milliseconds);
  });
  try {
    return await Promise.race([attempt(controller.signal), overdue]);
  } finally {
    clearTimeout(timer);
  }
}
