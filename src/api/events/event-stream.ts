import type { ServerResponse } from 'node:http';

/** Milliseconds between two heartbeats. */
const HEARTBEAT = 15_000;

/**
 * A server-sent event stream of at most `rate` events in a second. Events left out, because of the rate or a slow
 * reader, are reported once a second as an event `sampled` with `{"skipped": n}`.
 */
export class EventStream {
  readonly #response: ServerResponse;
  readonly #rate: number;
  readonly #timers: readonly NodeJS.Timeout[];
  #sent = 0;
  #skipped = 0;

  constructor(response: ServerResponse, rate: number) {
    this.#response = response;
    this.#rate = rate;
    response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      Connection: 'close',
      // Keeps buffering proxies from holding events back.
      'X-Accel-Buffering': 'no',
    });
    response.write('retry: 2000\n\n');
    this.#timers = [
      setInterval(() => this.#turnSecond(), 1000),
      setInterval(() => response.write(': alive\n\n'), HEARTBEAT),
    ];
    response.on('close', () => {
      for (const timer of this.#timers) clearInterval(timer);
    });
  }

  /** Whether an event would be sent now; otherwise call `skip` instead. */
  get takes(): boolean {
    return this.#sent < this.#rate && !this.#response.writableNeedDrain;
  }

  /** Sends an event, or counts it as skipped. `data` is JSON. */
  send(type: string, data: string, id?: number): void {
    if (!this.takes) {
      this.#skipped++;
      return;
    }
    this.#sent++;
    this.write(type, data, id);
  }

  /** Sends an event regardless of the rate. */
  write(type: string, data: string, id?: number): void {
    this.#response.write(`${id === undefined ? '' : `id: ${id}\n`}event: ${type}\ndata: ${data}\n\n`);
  }

  skip(count: number): void {
    this.#skipped += count;
  }

  /** Called when the reader has disconnected. */
  onClose(callback: () => void): void {
    this.#response.on('close', callback);
  }

  end(): void {
    this.#response.end();
  }

  #turnSecond(): void {
    this.#sent = 0;
    if (this.#skipped === 0 || this.#response.writableNeedDrain) return;
    this.write('sampled', `{"skipped":${this.#skipped}}`);
    this.#skipped = 0;
  }
}
