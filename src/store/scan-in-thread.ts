import { on } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { ScanReply } from './scan-thread.ts';
import type { Visit } from './store.ts';
import { errorOf } from './thread-failure.ts';

/**
 * Like `scanState`, with a thread that reads and verifies the rows meanwhile: of many rows that takes as long as what is
 * made of them. The database must be open to threads.
 */
export async function scanInThread(directory: string, visit: Visit): Promise<void> {
  const worker = new Worker(new URL('./scan-thread.js', import.meta.url), {
    name: 'scan',
    workerData: directory,
  });
  try {
    for await (const [reply] of on(worker, 'message', { close: ['exit'] }) as AsyncIterable<[ScanReply]>) {
      if ('end' in reply) return;
      if ('failure' in reply) throw errorOf(reply.failure);
      const { rows } = reply;
      for (let at = 0; at < rows.length; at += 2) visit(rows[at] as string, rows[at + 1] as string);
      worker.postMessage('taken');
    }
    throw new Error('The thread that reads the rows has ended before the last one');
  } finally {
    await worker.terminate();
  }
}
