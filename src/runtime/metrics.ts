import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Problem } from '../core/detector/types.ts';
import type { Evaluated } from '../core/engine/running.ts';
import { DEFAULT_LIMITS, type Limits } from '../limits.ts';
import type { Execution } from './delivery/execution.ts';

const TRIGGERS = ['Message', 'Timer', 'CustomerAction'] as const;

/** The Prometheus metrics of one runtime, in their own registry. */
export class RuntimeMetrics {
  readonly registry = new Registry();
  readonly #messages = this.#counter('tripline_messages_total', 'Messages accepted by BatchPutMessage');
  readonly #evaluations = this.#counter('tripline_evaluations_total', 'Evaluations of detectors and alarms', [
    'trigger',
  ]);
  readonly #transitions = this.#counter('tripline_transitions_total', 'Evaluations that changed the state');
  readonly #problems = this.#counter('tripline_problems_total', 'Run-time problems of detectors and alarms', [
    'level',
  ]);
  readonly #actions = this.#counter('tripline_actions_total', 'Action executions by outcome', [
    'type',
    'target',
    'status',
  ]);
  readonly #retries = this.#counter(
    'tripline_action_retries_total',
    'Delivery attempts that will be repeated',
    ['type', 'target'],
  );
  readonly #commit = new Histogram({
    name: 'tripline_commit_seconds',
    help: 'Time to make a turn durable',
    buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1],
    registers: [this.registry],
  });
  readonly #checkpoint = new Histogram({
    name: 'tripline_checkpoint_seconds',
    help: 'Time to write a checkpoint; commits continue meanwhile',
    buckets: [0.1, 0.5, 1, 2, 5, 10, 20, 60],
    registers: [this.registry],
  });
  readonly #timerDelay = new Histogram({
    name: 'tripline_timer_delay_seconds',
    help: 'Delay between the time a timer was due and its firing, downtime included',
    buckets: [0.01, 0.1, 1, 10, 60, 600, 3600],
    registers: [this.registry],
  });
  readonly #turnSize = new Histogram({
    name: 'tripline_turn_evaluations',
    help: 'Evaluations in one turn, which is one commit',
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000],
    registers: [this.registry],
  });

  readonly #jumps = this.#counter(
    'tripline_clock_jumps_total',
    'Jumps of the machine’s clock by a second or more',
    ['direction'],
  );

  readonly #work = new Histogram({
    name: 'tripline_event_loop_seconds',
    help: 'Time for which one piece of work blocked the event loop',
    labelNames: ['part'],
    buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5],
    registers: [this.registry],
  });

  readonly #targets = new Set<string>();
  readonly #mostTargets: number;

  constructor({ metricTargets }: Pick<Limits, 'metricTargets'> = DEFAULT_LIMITS) {
    this.#mostTargets = metricTargets;
    // A series that appears with its first value has no rate before.
    for (const trigger of TRIGGERS) this.#evaluations.inc({ trigger }, 0);
    collectDefaultMetrics({ register: this.registry });
  }

  /** A gauge that is always 1 and whose labels carry constant information, such as a version. */
  info(name: string, help: string, labels: Readonly<Record<string, string>>): void {
    const labelNames = Object.keys(labels);
    new Gauge({ name, help, labelNames, registers: [this.registry] }).set(labels, 1);
  }

  /** A gauge whose value is read at scrape time. */
  gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(read());
      },
    });
  }

  /** A gauge with one value for each target, read at scrape time. */
  gaugeByTarget(
    name: string,
    help: string,
    read: () => Iterable<readonly [target: string, value: number]>,
  ): void {
    new Gauge({
      name,
      help,
      labelNames: ['target'],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const [target, value] of read()) this.set({ target }, value);
      },
    });
  }

  /** Records one durable turn; `seconds` is the duration of its commit. */
  turn(turn: { readonly accepted: number; readonly evaluated: readonly Evaluated[] }, seconds: number): void {
    this.#commit.observe(seconds);
    this.#turnSize.observe(turn.evaluated.length);
    this.#messages.inc(turn.accepted);
    const triggers = { Message: 0, Timer: 0, CustomerAction: 0 };
    let transitions = 0;
    for (const { trigger, changedState, result } of turn.evaluated) {
      triggers[trigger.type]++;
      if (changedState) transitions++;
      for (const { level } of result.problems) this.#problem(level);
    }
    for (const trigger of TRIGGERS)
      if (triggers[trigger] > 0) this.#evaluations.inc({ trigger }, triggers[trigger]);
    if (transitions > 0) this.#transitions.inc(transitions);
  }

  checkpoint(seconds: number): void {
    this.#checkpoint.observe(seconds);
  }

  /** Records the delay of a fired timer, in seconds. */
  timer(late: number): void {
    this.#timerDelay.observe(late);
  }

  /** Records a finished execution. One that could not be built has no target. */
  action({ type, target = '', status }: Execution): void {
    this.#actions.inc({ type, target: this.#named(target), status });
  }

  /**
   * Records how many milliseconds a piece of work blocked the event loop: evaluating a turn, encoding its frame for the
   * journal, reading a large request.
   */
  work(part: 'turn' | 'journal' | 'request', milliseconds: number): void {
    this.#work.observe({ part }, milliseconds / 1000);
  }

  retry({ type, target = '' }: Execution): void {
    this.#retries.inc({ type, target: this.#named(target) });
  }

  /** A series is never removed, so the number of targets with their own series is limited. */
  #named(target: string): string {
    if (this.#targets.size < this.#mostTargets) this.#targets.add(target);
    return this.#targets.has(target) ? target : 'other';
  }

  /** Records a jump of the wall clock by so many milliseconds, negative when it was set back. */
  clockJump(by: number): void {
    this.#jumps.inc({ direction: by > 0 ? 'forward' : 'back' });
  }

  /** Totals since the start; seconds. */
  async totals(): Promise<{
    readonly messages: number;
    readonly evaluations: number;
    readonly transitions: number;
    readonly commits: number;
    readonly commitSeconds: number;
  }> {
    const sum = async (counter: Counter) =>
      (await counter.get()).values.reduce((total, { value }) => total + value, 0);
    const commit = (await this.#commit.get()).values;
    const named = (suffix: string) =>
      commit.find(({ metricName }) => metricName === `tripline_commit_seconds_${suffix}`)?.value ?? 0;
    return {
      messages: await sum(this.#messages),
      evaluations: await sum(this.#evaluations),
      transitions: await sum(this.#transitions),
      commits: named('count'),
      commitSeconds: named('sum'),
    };
  }

  #problem(level: Problem['level']): void {
    this.#problems.inc({ level });
  }

  #counter(name: string, help: string, labelNames: string[] = []): Counter {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }
}
