import { on } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { ScanReply } from './scan-thread.ts';
import type { Visit } from './store.ts';
import { errorOf, ThreadEnded } from './thread-failure.ts';

/**
 * Like `scanState`, with a thread that reads and verifies the rows meanwhile: of many rows that takes as long as what is
 * made of them. The database must be open to threads. Rejects with ThreadEnded when there could be no thread: then
 * nothing was visited.
 */
export async function scanInThread(directory: string, visit: Visit): Promise<void> {
  let hasBegun = false;
  const worker = new Worker(new URL('./scan-thread.js', import.meta.url), {
    name: 'scan',
    workerData: directory,
  });
  try {
    for await (const reply of repliesOf(worker)) {
      hasBegun = true;
      if ('end' in reply) return;
      if ('failure' in reply) throw errorOf(reply.failure);
      const { rows } = reply;
      for (let at = 0; at < rows.length; at += 2) visit(rows[at] as string, rows[at + 1] as string);
      worker.postMessage('taken');
    }
    throw new ThreadEnded('The thread that reads the rows has ended');
  } catch (error) {
    if (error instanceof ThreadEnded && hasBegun) throw new Error(error.message, { cause: error });
    throw error;
  } finally {
    await worker.terminate();
  }
}

/** What the thread sends, until it ends. Rejects with ThreadEnded when it fails. */
async function* repliesOf(worker: Worker): AsyncGenerator<ScanReply> {
  const replies = on(worker, 'message', { close: ['exit'] }) as AsyncIterableIterator<[ScanReply]>;
  for (;;) {
    const next = await replies.next().catch((cause: Error) => {
      throw new ThreadEnded(`The thread that reads the rows has ended: ${cause.message}`, { cause });
    });
    if (next.done === true) return;
    yield next.value[0];
  }
}
