import type { RuntimeMetrics } from '../../runtime/metrics.ts';
import type { FiguresByModel } from './model-figures.ts';

/**
 * One interval: `at` is its end, in milliseconds since the epoch; the other members are rates per second unless noted.
 */
export interface Sample {
  readonly at: number;
  readonly messages: number;
  readonly evaluations: number;
  readonly transitions: number;
  /** Mean time of a commit, in milliseconds; null when there was none. */
  readonly commit: number | null;
  readonly queued: number;
  /** Actions that wait for delivery. */
  readonly pending: number;
  /** Bytes of the data directory; null when they could not be determined. */
  readonly storage: number | null;
}

/** Values read at the end of an interval. */
export type Gauges = Pick<Sample, 'queued' | 'pending' | 'storage'>;

/** Seconds of an interval, and number of intervals kept. */
const INTERVAL = 2;
const KEPT = 300;

/** Samples the metrics periodically, and keeps the rates of the last minutes. */
export class Rates {
  readonly #metrics: RuntimeMetrics;
  readonly #gauges: () => Promise<Gauges>;
  readonly #byModel: FiguresByModel;
  readonly #timer: NodeJS.Timeout;
  #samples: Sample[] = [];
  #last: Awaited<ReturnType<RuntimeMetrics['totals']>> | undefined;

  constructor(metrics: RuntimeMetrics, byModel: FiguresByModel, gauges: () => Promise<Gauges>) {
    this.#metrics = metrics;
    this.#byModel = byModel;
    this.#gauges = gauges;
    this.#timer = setInterval(() => void this.#sample(), INTERVAL * 1000).unref();
  }

  get samples(): readonly Sample[] {
    return this.#samples;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #sample(): Promise<void> {
    this.#byModel.sample(60 / INTERVAL);
    const [now, gauges] = await Promise.all([this.#metrics.totals(), this.#gauges()]);
    const before = this.#last;
    this.#last = now;
    if (before === undefined) return;
    const rate = (name: 'messages' | 'evaluations' | 'transitions') => (now[name] - before[name]) / INTERVAL;
    const commits = now.commits - before.commits;
    this.#samples.push({
      at: Date.now(),
      messages: rate('messages'),
      evaluations: rate('evaluations'),
      transitions: rate('transitions'),
      commit: commits === 0 ? null : ((now.commitSeconds - before.commitSeconds) / commits) * 1000,
      ...gauges,
    });
    if (this.#samples.length > KEPT) this.#samples = this.#samples.slice(-KEPT);
  }
}
