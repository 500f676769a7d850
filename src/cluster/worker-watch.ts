import { type ClientHttp2Session, connect } from 'node:http2';
import type { RunningModel } from '../core/engine/running.ts';
import type { Observer } from '../runtime/host.ts';
import type { Log } from '../runtime/log.ts';
import { fromWire, parseExact } from './evaluated-wire.ts';
import { STREAM_PATH } from './evaluation-stream.ts';
import type { EvaluationLine } from './evaluations.ts';
import type { Ingress } from './ingress.ts';
import { Told } from './told.ts';

/** Milliseconds between two checks of the list of workers. */
const LOOK = 1000;
/** Milliseconds of events that are requested again after a reconnect. */
const OVERLAP = 10_000;

export interface WatchOptions {
  readonly ingress: Ingress;
  readonly log: Log;
  /** The running model of an epoch; undefined when it no longer exists. */
  readonly modelOf: (epoch: number) => Promise<RunningModel | undefined>;
}

/**
 * Passes the workers' events to the observers of one front: it connects to every announced worker while there are
 * observers. An evaluation made by two workers, because one of them failed, is reported once.
 */
export class WorkerWatch {
  readonly #options: WatchOptions;
  readonly #observers = new Set<Observer>();
  readonly #sessions = new Map<string, ClientHttp2Session>();
  /** The last reported evaluation, by slot. */
  readonly #last = new Map<number, number>();
  readonly #told = new Told();
  #since = 0;
  #wantsStates = false;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  /** Lines are processed one after the other, over all workers. */
  #reading: Promise<void> = Promise.resolve();

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** Returns a function that ends it. */
  observe(observer: Observer): () => void {
    if (this.#observers.size === 0) this.#since = Date.now();
    this.#observers.add(observer);
    if (!this.#wantsStates && (observer.keepsStates?.() ?? true)) {
      this.#wantsStates = true;
      for (const session of this.#sessions.values()) session.destroy();
    }
    if (this.#timer === undefined && !this.#isClosed) this.#look();
    return () => {
      this.#observers.delete(observer);
    };
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (const session of this.#sessions.values()) session.destroy();
  }

  #look(): void {
    const again = () => {
      if (this.#isClosed) return;
      this.#timer = setTimeout(() => this.#look(), LOOK);
      this.#timer.unref();
    };
    this.#options.ingress.workers().then(
      (workers) => {
        for (const url of workers) if (!this.#sessions.has(url) && !this.#isClosed) this.#connect(url);
        again();
      },
      // Restate does not answer at the moment; calls of the host report that.
      again,
    );
  }

  #connect(url: string): void {
    const session = connect(url);
    this.#sessions.set(url, session);
    session.unref();
    const leave = () => {
      if (this.#sessions.get(url) === session) this.#sessions.delete(url);
      session.destroy();
    };
    // A dead worker stays in the list for a while: the next check tries it again.
    session.on('error', leave);
    session.on('close', leave);
    const query = `since=${this.#since}&traces=true&states=${this.#wantsStates}`;
    const stream = session.request({ ':path': `${STREAM_PATH}?${query}` });
    stream.on('error', leave);
    stream.on('close', leave);
    let rest = '';
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      this.#since = Math.max(this.#since, Date.now() - OVERLAP);
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') this.#take(url, line);
    });
  }

  #take(url: string, line: string): void {
    this.#reading = this.#reading
      .then(() => this.#read(line))
      .catch((error: Error) => {
        this.#options.log.warn({ worker: url }, `an evaluation cannot be shown: ${error.message}`);
      });
  }

  async #read(text: string): Promise<void> {
    const line = parseExact<EvaluationLine>(text);
    if (line.type === 'Finished') {
      const news = this.#told.newOf(line.executions);
      if (news.length > 0) this.#tell((observer) => observer.finished?.(news));
      return;
    }
    const { slot, sequence, now, evaluated: wire } = line;
    if (sequence <= (this.#last.get(slot) ?? 0)) return;
    this.#last.set(slot, sequence);
    const model = await this.#options.modelOf(wire.epoch);
    const evaluated = model && fromWire(wire, model);
    if (evaluated === undefined) return;
    this.#tell((observer) => observer.observe?.(evaluated, now, now));
  }

  #tell(call: (observer: Observer) => void): void {
    for (const observer of this.#observers) {
      try {
        call(observer);
      } catch (error) {
        this.#options.log.error({ err: error }, 'an observer has failed');
      }
    }
  }
}
