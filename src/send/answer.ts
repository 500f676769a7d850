import { SendError } from './classify-error.ts';

/** An answer as the SDK's HTTP client gives it. */
interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array> & { destroy(error?: Error): void };
}

/** What the answers of a service are. */
interface Expected {
  /** Bytes that are read of one. */
  readonly answerBytes: number;
  /** Whether a success with a body has JSON in it; the SDK does not look where an operation has no output. */
  readonly isJson: boolean;
}

/** A client of the SDK, as far as its way to the service can be changed. */
interface Client {
  readonly config: {
    readonly requestHandler: {
      handle(request: never, options?: object): Promise<{ response: HttpAnswer }>;
    };
  };
}

/**
 * Has each answer to a client read whole before the SDK makes anything of it, so that what is cut off, too long or a
 * page of something in between is told from the service's own answer. What a call's `abortSignal` ends includes the
 * reading.
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

/** Resolves as `attempt` does; rejects with a SendError when the time limit was reached first. */
export async function within<T>(
  milliseconds: number,
  attempt: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const overdue = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new SendError('RETRYABLE', `No whole answer within ${milliseconds / 1000} s`));
      controller.abort();
    }, milliseconds);
  });
  try {
    return await Promise.race([attempt(controller.signal), overdue]);
  } finally {
    clearTimeout(timer);
  }
}
