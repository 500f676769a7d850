import { NO_RECIPIENTS, type ServiceRequest } from '../../src/core/action/index.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { listExecutions } from '../../src/runtime/delivery/history.ts';
import { type Embedded, openEmbedded } from '../../src/runtime/embedded/open.ts';
import { HostClock } from '../../src/runtime/host-clock.ts';
import { readPayload } from '../../src/runtime/messages.ts';
import type { RuntimeMetrics } from '../../src/runtime/metrics.ts';
import type { Store } from '../../src/store/store.ts';
import { quietLog } from '../support/quiet.ts';
import { ANSWERS } from './answers.ts';
import { define, generateMessage, generateModels, KEYS } from './definitions.ts';
import { type Moment, SimulatedDisk } from './disk.ts';
import { type Ahead, Ledger, type SentMessage, Violation } from './ledger.ts';
import type { GeneratedModel } from './models.ts';
import { Random } from './random.ts';
import { Schedule } from './schedule.ts';

const START = 1_600_000_000_000;
/** Milliseconds: the quiet period at the end, and how late a timer may be in it. */
const PEACE = 100_000;
const SLACK = 5_000;
/** More steps mean an endless loop. The maximum of 1500 seeds is 37,422. */
const MOST_STEPS = 1_000_000;
/** Milliseconds for which a client repeats a message: less than the dedupe window. */
const PATIENCE = DEFAULT_LIMITS.dedupeWindow - 60_000;

export interface Outcome {
  readonly evaluations: number;
  readonly effects: number;
  readonly arrivals: number;
  readonly crashes: number;
  readonly commits: number;
  /** Steps of the schedule. */
  readonly steps: number;
}

/** A simulation records no metrics. */
const NO_METRICS = {
  turn: () => {},
  action: () => {},
  retry: () => {},
  work: () => {},
  timer: () => {},
} as unknown as RuntimeMetrics;

/** Maximum detectors changed by one message, so that its own changes always fit into a commit. */
const ONE_MESSAGE = 2;

interface Process {
  alive: boolean;
  clock?: HostClock;
  /** How far the host's time is ahead of the real time. */
  lead?: number;
  embedded?: Embedded;
}

/**
 * One simulated run of the real runtime: random models and messages, an unreliable disk, clock and targets, and crashes
 * at any write. A seed determines everything.
 */
export class World {
  readonly #random: Random;
  readonly #schedule = new Schedule(START);
  readonly #models: readonly GeneratedModel[];
  readonly #ledger: Ledger;
  readonly #note: (line: string) => void;
  #disk = new SimulatedDisk();
  #process: Process = { alive: false };
  #crashes = 0;
  /** Probability of a crash at each point of a commit; 0 during setup and the final quiet period. */
  #danger = 0;
  #failures = 0;
  /** Nobody stops the server any more. */
  #isPeace = false;
  /** Maximum detectors in a commit. */
  readonly #mostDetectors: number;
  #outageUntil = 0;
  #fullUntil = 0;
  /** Milliseconds by which the machine's clock is ahead. */
  #skew = 0;
  /** The same before a jump that may not have been recorded yet. */
  #skewBefore: number | undefined;
  /** How far the wall clock was ahead of the host's time during the last process. */
  #aheads: Ahead[] = [];
  readonly #inFlight = new Map<string, SentMessage>();
  #failure: unknown;
  #steps = 0;
  readonly #mostSteps: number;
  /** Whether the states of all evaluations are checked, or only those after a crash and at the end. */
  readonly #keepsStates: boolean;

  constructor(seed: number, note: (line: string) => void = () => {}, mostSteps = MOST_STEPS) {
    const random = new Random(seed);
    this.#mostSteps = mostSteps;
    this.#random = random;
    this.#note = (line) => note(`${((this.#schedule.now - START) / 1000).toFixed(3).padStart(9)}  ${line}`);
    this.#models = generateModels(random);
    this.#keepsStates = random.chance(0.5);
    this.#mostDetectors = random.pick([Number.POSITIVE_INFINITY, ONE_MESSAGE]);
    this.#ledger = new Ledger(this.#models);
  }

  /** Throws Violation when a guarantee is violated. */
  async run(): Promise<Outcome> {
    await this.#setUp();
    const random = this.#random;
    this.#danger = random.pick([0, 0.01, 0.03, 0.1]);
    this.#failures = random.pick([0, 0.1, 0.4]);
    if (random.chance(0.5)) void this.#clockJumps();
    if (random.chance(0.5)) void this.#diskFills();
    if (random.chance(0.5)) void this.#stops();
    const clients = KEYS.map((key) => this.#client(key, random.int(3, 20)));
    let done = false;
    void Promise.all(clients).then(() => {
      done = true;
    });
    await this.#stepUntil(() => done, START + 40_000_000);
    if (!done) throw new Violation('the clients never came to their end');
    this.#danger = 0;
    this.#failures = 0;
    this.#isPeace = true;
    await this.#stepUntil(() => false, this.#schedule.now + PEACE);
    await this.#stepUntil(() => this.#isAtRest(), this.#schedule.now + PEACE);
    if (!this.#isAtRest()) throw new Violation('something waits for ever');
    const { host, pump } = this.#process.embedded as Embedded;
    this.#ledger.recover(pump.evaluator, [], new Set(), this.#aheads);
    const { actions } = await listExecutions(this.#disk.contents, {}, { maxResults: 1_000_000 });
    this.#ledger.close(host.now(), SLACK, actions);
    const { evaluations, effects, arrivals } = this.#ledger;
    const { commits } = this.#disk;
    return { evaluations, effects, arrivals, crashes: this.#crashes, commits, steps: this.#steps };
  }

  #isAtRest(): boolean {
    const { alive, embedded } = this.#process;
    const figures = embedded?.host.figures();
    return alive && figures?.pendingActions.size === 0 && figures.queued === 0 && this.#disk.underWay === 0;
  }

  async #stepUntil(isDone: () => boolean, until: number): Promise<void> {
    while (!isDone() && (await this.#schedule.step(until))) {
      if (this.#failure !== undefined) throw this.#failure;
      if (++this.#steps > this.#mostSteps) throw this.#endless();
    }
  }

  /** Describes what the run still waits for. */
  #endless(): Violation {
    const { alive, embedded } = this.#process;
    const figures = embedded?.host.figures();
    const seconds = (this.#schedule.now - START) / 1000;
    return new Violation(
      `the life did not end within ${this.#mostSteps} steps: ${seconds} s in, after ${this.#crashes} crashes, ` +
        `${alive ? 'running' : 'down'}; unacknowledged: ${[...this.#inFlight.keys()].join() || 'nothing'}; ` +
        `${figures?.queued ?? 0} to be evaluated, ${figures?.pendingActions.size ?? 0} targets to be delivered to`,
    );
  }

  async #setUp(): Promise<void> {
    let isReady = false;
    const setUp = async () => {
      await this.#start();
      await define((this.#process.embedded as Embedded).host, this.#models);
      isReady = true;
    };
    setUp().catch((error: unknown) => {
      this.#failure = error;
    });
    await this.#stepUntil(() => isReady, START + 1_000_000);
  }

  /** Starts a process on the current disk. */
  async #start(): Promise<void> {
    const process: Process = { alive: true };
    this.#process = process;
    const random = this.#random;
    const schedule = this.#schedule;
    const guard = (callback: () => void) => () => {
      if (process.alive) callback();
    };
    const machine = {
      wall: () => schedule.now + this.#skew,
      steady: () => schedule.now,
      after: (milliseconds: number, callback: () => void) => schedule.after(milliseconds, guard(callback)),
      soon: (callback: () => void) => void schedule.after(0, guard(callback)),
    };
    const clock = new HostClock({ machine, log: quietLog });
    const store = this.#disk.open(
      schedule,
      random,
      (moment) => this.#interrupt(process, moment),
      () => schedule.now < this.#fullUntil,
      this.#mostDetectors,
    );
    const embedded = await openEmbedded(this.#mortal(store, process), {
      clock,
      limits: DEFAULT_LIMITS,
      log: quietLog,
      metrics: NO_METRICS,
      notifications: NO_RECIPIENTS,
      senders: {
        send: (request) => this.#send(process, request),
        load: async () => {},
        close: async () => {},
      },
      random: random.next,
    });
    const { host, pump } = embedded;
    if (!process.alive) return;
    process.embedded = embedded;
    const before = this.#aheads;
    this.#aheads = [{ since: schedule.now, ahead: clock.wall() - clock.now() }];
    process.clock = clock;
    process.lead = clock.now() - schedule.now;
    this.#attempt(() => {
      this.#ledger.recover(pump.evaluator, [...this.#inFlight.values()], this.#disk.accepted, before);
      this.#ledger.begin(clock.now() - schedule.now, clock.now());
    });
    host.observe({
      observe: (evaluated, wall, now) =>
        this.#attempt(() => this.#ledger.observe(evaluated, { now, wall, real: schedule.now })),
      traces: () => false,
      keepsStates: () => this.#keepsStates,
    });
    embedded.start();
    void this.#keepTime(process);
    this.#note('started');
  }

  /**
   * The machine's clock is occasionally set forward and back: by seconds, or by a day and then corrected. While the
   * server is down it is only set back, since time added then counts as downtime.
   */
  async #clockJumps(): Promise<void> {
    const random = this.#random;
    const small = () => random.int(-3000, 3000);
    for (;;) {
      await this.#pause(random.int(1000, 60_000));
      if (this.#danger === 0) continue;
      await this.#putClock(random.chance(0.7) ? small() : random.int(-100_000_000, 100_000_000));
      if (random.chance(0.5)) {
        await this.#pause(random.int(1, 10_000));
        await this.#putClock(small());
      }
    }
  }

  /**
   * A process that dies before it has recorded a jump counts it as downtime: the clock is then corrected while it is
   * down. Only what is on the disk counts.
   */
  async #putRight({ clock, lead = 0 }: Process): Promise<void> {
    const before = this.#skewBefore;
    this.#skewBefore = undefined;
    if (before === undefined || clock === undefined) return;
    const text = await this.#disk.contents.get('clock');
    const { ahead } = JSON.parse(text ?? '{"ahead":0}') as { readonly ahead: number };
    if (ahead + lead !== this.#skew) this.#skew = before;
  }

  /** Does periodically what the server does. */
  async #keepTime(process: Process): Promise<void> {
    for (;;) {
      await this.#pause(30_000);
      if (!process.alive) return;
      // A full disk reports an error; the time is recorded again later.
      process.embedded?.keepTime().catch(() => {});
    }
  }

  async #putClock(skew: number): Promise<void> {
    const { alive, clock, embedded } = this.#process;
    if (!alive && skew > this.#skew) return;
    this.#note(`the clock is put to ${skew} ms ahead`);
    if (alive) this.#skewBefore ??= this.#skew;
    this.#skew = skew;
    if (!alive || clock === undefined || embedded === undefined) return;
    const { now } = this.#schedule;
    this.#aheads.push({ since: now, ahead: now + skew - clock.now() });
    while (this.#process.embedded === embedded && this.#process.alive) {
      const isNoted = await Promise.race([
        embedded.keepTime().then(
          () => true,
          () => false,
        ),
        this.#pause(20_000).then(() => false),
      ]);
      if (!isNoted) {
        await this.#pause(1000);
        continue;
      }
      if (this.#process.embedded === embedded && this.#process.alive) this.#skewBefore = undefined;
      return;
    }
  }

  /** The server is occasionally stopped in an orderly way and started again. */
  async #stops(): Promise<void> {
    for (;;) {
      await this.#pause(this.#random.int(5000, 120_000));
      const process = this.#process;
      if (this.#isPeace || !process.alive || process.embedded === undefined) continue;
      this.#note('stops');
      await process.embedded.close();
      // It may have been killed while stopping.
      if (this.#process !== process || !process.alive) continue;
      this.#note('has stopped');
      process.alive = false;
      await this.#pause(this.#random.int(1, 10_000));
      this.#disk = this.#disk.kill();
      await this.#start().catch((error: unknown) => {
        this.#failure = error;
      });
    }
  }

  /** The disk is occasionally full for a while. */
  async #diskFills(): Promise<void> {
    for (;;) {
      await this.#pause(this.#random.int(1000, 60_000));
      if (this.#danger === 0) continue;
      this.#fullUntil = this.#schedule.now + this.#random.int(1, 10_000);
      this.#note('the disk is full');
    }
  }

  /** A store that does nothing more for a dead process. */
  #mortal(store: Store, process: Process): Store {
    const never = new Promise<never>(() => {});
    return {
      ...store,
      commit: (changes) => (process.alive ? store.commit(changes) : never),
    };
  }

  #interrupt(process: Process, moment: Moment): boolean {
    if (!process.alive) return true;
    if (!this.#random.chance(this.#danger)) return false;
    this.#crash(process, moment);
    return true;
  }

  #crash(process: Process, moment: Moment): void {
    process.alive = false;
    this.#crashes++;
    const random = this.#random;
    const isPower = random.chance(0.5);
    this.#note(`${isPower ? 'power failure' : 'kill -9'} ${moment}`);
    const downtime = random.int(1, random.pick([100, 10_000, 60_000]));
    const disk = this.#disk;
    this.#schedule.after(downtime, () => {
      void (async () => {
        this.#disk = isPower ? await disk.fail(random) : disk.kill();
        await this.#putRight(process);
        await this.#start();
      })().catch((error: unknown) => {
        this.#failure = error;
      });
    });
  }

  /** Sends the messages of a key in sequence; each is repeated with its id until it is acknowledged. */
  async #client(key: string, count: number): Promise<void> {
    const random = this.#random;
    for (let n = 1; n <= count; n++) {
      await this.#pause(random.int(0, random.pick([100, 5_000, 60_000])));
      const message = generateMessage(random, key, n);
      this.#ledger.send(message);
      this.#inFlight.set(message.messageId, message);
      const began = this.#schedule.now;
      let isAcknowledged = await this.#put(message);
      while (!isAcknowledged && this.#schedule.now < began + PATIENCE) {
        await this.#pause(random.int(1, 2000));
        isAcknowledged = await this.#put(message);
      }
      this.#note(`${isAcknowledged ? 'acknowledged' : 'gave up on'} ${message.messageId} ${message.text}`);
      // An abandoned message may still have been evaluated.
      if (!isAcknowledged) continue;
      this.#attempt(() => this.#ledger.acknowledge(message));
      this.#inFlight.delete(message.messageId);
    }
  }

  /** False when no answer came. */
  async #put({ messageId, inputName, text }: SentMessage): Promise<boolean> {
    const { alive, embedded } = this.#process;
    const payload = readPayload(Buffer.from(text));
    if (!alive || embedded === undefined || typeof payload === 'string') return false;
    const answer = embedded.host.put([{ messageId, inputName, payload }]).then(
      ([fault]) => fault === undefined,
      () => false,
    );
    // A caller of a dead process gives up after a while.
    const gaveUp = this.#pause(20_000).then(() => false);
    return Promise.race([answer, gaveUp]);
  }

  /** Targets are slow, fail, have outages, and sometimes report a failure for a request that they accepted. */
  #send(process: Process, request: ServiceRequest): Promise<void> {
    const random = this.#random;
    const schedule = this.#schedule;
    return new Promise((resolve, reject) => {
      const type = request.service === 'sns' ? 'sns' : 'sqs';
      const text = String(request.input.Message ?? request.input.MessageBody);
      schedule.after(random.int(1, 200), () => {
        if (random.chance(this.#failures / 20)) this.#outageUntil = schedule.now + random.int(1000, 60_000);
        const isOut = schedule.now < this.#outageUntil && this.#failures > 0;
        const fate = isOut
          ? 'refuse'
          : random.chance(this.#failures)
            ? random.pick(['refuse', 'lose'])
            : 'take';
        // The request is on its way and arrives even if its sender has died meanwhile.
        if (fate !== 'refuse') this.#arrive(type, text);
        if (!process.alive) return;
        if (fate === 'take') resolve();
        else reject(random.pick(ANSWERS)(fate));
      });
    });
  }

  #arrive(type: string, text: string): void {
    this.#note(`arrived at ${type}: ${text}`);
    this.#attempt(() => this.#ledger.arrive(text));
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.#schedule.after(milliseconds, resolve);
    });
  }

  /** A violation ends the simulation, wherever it is found. */
  #attempt(check: () => void): void {
    try {
      check();
    } catch (error) {
      this.#failure ??= error;
    }
  }
}
