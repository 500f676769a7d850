import { randomUUID } from 'node:crypto';
import type { CloudWatchLogsClient, InputLogEvent } from '@aws-sdk/client-cloudwatch-logs';
import type { LogSink } from '../runtime/evaluation-log.ts';
import type { Log } from '../runtime/log.ts';

export interface CloudWatchOptions {
  readonly region: string;
  readonly logGroup: string;
  readonly log: Log;
  /** Milliseconds between two calls. */
  readonly interval?: number;
}

/** Limits of one PutLogEvents call; each entry counts its text plus 26 bytes. */
const MOST_EVENTS = 10_000;
const MOST_BYTES = 1_000_000;
const OVERHEAD = 26;
/** Bytes that may wait before entries are dropped. */
const MOST_WAITING = 16 * 1024 * 1024;
const INTERVAL = 1000;
/** Attempts to send the remaining entries when the server stops. */
const LAST_ATTEMPTS = 3;

/**
 * Sends entries to CloudWatch Logs, in a separate stream for each run. Evaluations never wait for it: entries that
 * cannot be sent wait for the next call, and past a limit they are dropped and counted.
 */
export function cloudWatchSink({ region, logGroup, log, interval = INTERVAL }: CloudWatchOptions): LogSink {
  const stream = `${new Date().toISOString().slice(0, 10)}/${randomUUID()}`;
  let waiting: InputLogEvent[] = [];
  let bytes = 0;
  let dropped = 0;
  let failing = false;
  let client: CloudWatchLogsClient | undefined;
  let isOpen = false;
  let sending: Promise<void> | undefined;

  async function sendAll(): Promise<void> {
    try {
      const { CloudWatchLogsClient, PutLogEventsCommand } = await import('@aws-sdk/client-cloudwatch-logs');
      client ??= new CloudWatchLogsClient({ region });
      if (!isOpen) await open(client, logGroup, stream);
      isOpen = true;
      while (waiting.length > 0) {
        const batch = firstBatch(waiting);
        await client.send(
          new PutLogEventsCommand({ logGroupName: logGroup, logStreamName: stream, logEvents: batch }),
        );
        waiting = waiting.slice(batch.length);
        bytes -= sizeOf(batch);
      }
      failing = false;
    } catch (err) {
      // The group or the stream may be missing: the next call checks again.
      isOpen = false;
      if (!failing)
        log.error(
          { err, logGroup },
          'the evaluation log cannot be sent to CloudWatch; it will be tried again',
        );
      failing = true;
      throw err;
    }
  }

  const send = () => {
    if (waiting.length === 0) return;
    sending ??= sendAll()
      // sendAll has logged the error; the next call tries again.
      .catch(() => undefined)
      .finally(() => {
        sending = undefined;
      });
  };
  const timer = setInterval(send, interval);
  timer.unref();
  return {
    write(message) {
      const size = sizeOf([{ message, timestamp: 0 }]);
      if (bytes + size > MOST_WAITING) {
        dropped++;
        if (dropped === 1) log.error({ logGroup }, 'CloudWatch cannot keep up: entries are dropped');
        return;
      }
      bytes += size;
      waiting.push({ message, timestamp: Date.now() });
    },
    async close() {
      clearInterval(timer);
      for (let attempt = 0; attempt < LAST_ATTEMPTS && waiting.length > 0; attempt++) {
        await sending;
        send();
        await sending;
      }
      const left = waiting.length + dropped;
      if (left > 0) log.error({ logGroup, dropped: left }, 'entries of the evaluation log were dropped');
      client?.destroy();
    },
  };
}

/** Creates group and stream unless they exist. */
async function open(
  client: CloudWatchLogsClient,
  logGroupName: string,
  logStreamName: string,
): Promise<void> {
  const { CreateLogGroupCommand, CreateLogStreamCommand, ResourceAlreadyExistsException } = await import(
    '@aws-sdk/client-cloudwatch-logs'
  );
  const unlessThere = (error: unknown) => {
    if (!(error instanceof ResourceAlreadyExistsException)) throw error;
  };
  await client.send(new CreateLogGroupCommand({ logGroupName })).catch(unlessThere);
  await client.send(new CreateLogStreamCommand({ logGroupName, logStreamName })).catch(unlessThere);
}

function firstBatch(events: readonly InputLogEvent[]): InputLogEvent[] {
  let size = 0;
  const end = events.findIndex((event, index) => {
    size += sizeOf([event]);
    return index > 0 && (size > MOST_BYTES || index === MOST_EVENTS);
  });
  return events.slice(0, end < 0 ? events.length : end);
}

function sizeOf(events: readonly InputLogEvent[]): number {
  return events.reduce((sum, { message = '' }) => sum + Buffer.byteLength(message) + OVERHEAD, 0);
}
