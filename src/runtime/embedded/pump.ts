import type { Held } from '../../core/engine/held.ts';
import type { Outcome } from '../../core/engine/refusal.ts';
import type { EvaluationContext } from '../../core/engine/slot.ts';
import type { Limits } from '../../limits.ts';
import { type Store, StoreError } from '../../store/store.ts';
import { Admission } from '../admission.ts';
import type { Clock } from '../clock.ts';
import { Fault } from '../fault.ts';
import type { Observer } from '../host.ts';
import type { Log } from '../log.ts';
import type { IncomingMessage } from '../messages.ts';
import { type CommitOptions, Commits } from './commits.ts';
import { Evaluator, instanceFields } from './evaluator.ts';
import { load } from './load.ts';
import { type HostState, HostTurn } from './turn.ts';
import { Awaited, type Work, WorkQueue } from './work-queue.ts';

export interface PumpOptions extends CommitOptions {
  readonly clock: Clock;
  readonly limits: Limits;
  readonly log: Log;
}

/** A turn that still accepts work. */
interface OpenTurn {
  readonly turn: HostTurn;
  readonly works: Work[];
  /** The pieces that threw, and what they threw: their callers are answered with the others. */
  readonly failures: Map<Work, Error>;
  /** Number of timers fired. */
  fired: number;
  /** The instance whose timer fired last. */
  last: Held | undefined;
  /** Milliseconds spent on evaluation. */
  spent: number;
}

/** Milliseconds. */
const PAUSE_AFTER_FAILURE = 1000;

/**
 * The turns of the embedded host, which has all slots in one process. A turn evaluates due timers first, then waiting
 * work in order of arrival, commits everything at once, and only then answers and releases effects. Work that arrives
 * during a commit is evaluated into the next turn, which is committed once that one is durable.
 */
export class TurnPump {
  readonly #options: PumpOptions;
  readonly #state: HostState;
  /** Open to callers for queries and for evaluation within a turn. */
  readonly evaluator: Evaluator;
  readonly #commits: Commits;
  #observers: readonly Observer[] = [];
  readonly #traces: EvaluationContext['traces'];
  readonly #keepsStates: EvaluationContext['keepsStates'];
  readonly #queue = new WorkQueue();
  /** A turn is being committed; new work is evaluated into the open one. */
  #isCommitting = false;
  #open: OpenTurn | undefined;
  /** A look at the waiting work is already scheduled. */
  #isAwake = false;
  #isStarted = false;
  #closing = false;
  /** Timers start no turn until then, since the last commit failed. */
  #pausedUntil = 0;
  /** Pieces of work that each take a turn of their own, because one of them could not be made durable. */
  #apart = 0;
  #now: number;
  #wake: { readonly time: number; readonly cancel: () => void } | undefined;
  #idle: (() => void)[] = [];

  /** Reads all durable state. Nothing runs before `start`; work that arrives earlier waits. */
  static async open(store: Store, options: PumpOptions): Promise<TurnPump> {
    return new TurnPump(store, await load(store, options.limits), options);
  }

  private constructor(store: Store, state: HostState, options: PumpOptions) {
    this.#options = options;
    this.#state = state;
    const admission = new Admission(options.limits, state.dedupe, () => options.outbox.isFull);
    this.evaluator = new Evaluator(state, { ...options, admission });
    this.#commits = new Commits(store, state, options);
    this.#now = options.clock.now();
    this.#keepsStates = () => {
      for (const observer of this.#observers) if (observer.keepsStates?.() ?? true) return true;
      return false;
    };
    this.#traces = (modelName, keyValue) => {
      for (const { traces } of this.#observers)
        if (traces === undefined || traces(modelName, keyValue)) return true;
      return false;
    };
  }

  /** The host's time in milliseconds; never goes back. */
  now(): number {
    this.#now = Math.max(this.#now, this.#options.clock.now());
    return this.#now;
  }

  /** Starts taking turns; overdue timers fire first, in the order they are due. Call it once everything is attached. */
  start(): void {
    this.#isStarted = true;
    this.#wakeUp();
  }

  /** Milliseconds by which the oldest due timer is late; 0 when none is due. */
  get lateness(): number {
    const now = this.now();
    return Math.max(0, now - this.evaluator.nextDue(now));
  }

  /** Messages that wait for evaluation. */
  get queued(): number {
    return this.#queue.size;
  }

  get limits(): Limits {
    return this.#options.limits;
  }

  /** Returns a function that unsubscribes. */
  observe(observer: Observer): () => void {
    this.#observers = [...this.#observers, observer];
    return () => {
      this.#observers = this.#observers.filter((each) => each !== observer);
    };
  }

  /** See `Host.put`. */
  put(messages: readonly IncomingMessage[]): Promise<readonly Outcome[]> {
    const { queuedMessages: limit, chainMessages } = this.limits;
    if (this.#queue.size + messages.length > limit) {
      const message = `More than ${limit} messages wait for evaluation; try again later`;
      return Promise.resolve(messages.map(() => ({ code: 'ThrottlingException', message })));
    }
    return this.#enqueue(messages.length, (turn) => this.evaluator.messages(turn, messages, chainMessages));
  }

  /**
   * Runs `work` in the next turn, in order of arrival. Resolves with its result once that is durable. Rejects with what
   * it throws, after undoing its changes, or with ServiceUnavailable when the commit fails.
   */
  run<T>(work: (turn: HostTurn) => T): Promise<T> {
    return this.#enqueue(1, work);
  }

  /** Accepts nothing more, and resolves when the accepted work is finished. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#wake?.cancel();
    this.#wake = undefined;
    if (this.#isCommitting || this.#isAwake) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #enqueue<T>(size: number, run: (turn: HostTurn) => T): Promise<T> {
    if (this.#closing) {
      return Promise.reject(new Fault('ServiceUnavailableException', 'The server is shutting down'));
    }
    return new Promise<T>((resolve, reject) => {
      this.#queue.add(new Awaited(size, run, resolve, reject));
      this.#wakeUp();
    });
  }

  #wakeUp(): void {
    if (this.#isAwake || !this.#isStarted) return;
    this.#isAwake = true;
    this.#options.clock.soon(() => {
      this.#isAwake = false;
      if (this.#isCommitting) this.#fill();
      else void this.#commitTurns();
    });
  }

  /** Commits turn after turn until nothing is left to do. */
  async #commitTurns(): Promise<void> {
    this.#isCommitting = true;
    for (;;) {
      this.#fill();
      const open = this.#open;
      if (open === undefined) break;
      this.#open = undefined;
      await this.#finish(open);
    }
    this.#isCommitting = false;
    for (const resolve of this.#idle.splice(0)) resolve();
    this.#schedule();
  }

  /** Evaluates due timers and waiting work into the open turn, also while the previous turn is being committed. */
  #fill(): void {
    const now = this.now();
    const timersAreDue = !this.#closing && this.evaluator.nextDue(now) <= now;
    // Only timers wait out a pause; work does not overtake them.
    if (this.#queue.isEmpty && !(timersAreDue && now >= this.#pausedUntil)) return;
    // One piece of work for each turn, and nothing beside it.
    if (this.#apart > 0 && this.#open !== undefined) return;
    this.#open ??= this.#begin();
    const open = this.#open;
    const { turn, works } = open;
    const began = this.#options.clock.now();
    const beganWork = performance.now();
    const spent = () => open.spent + Math.max(0, this.#options.clock.now() - began);
    const isFull = () => turn.instances.bytes >= this.limits.turnText || spent() >= this.limits.turnTime;
    if (timersAreDue) this.#fireTimers(open, spent);
    const isDone = this.#apart > 0 ? open.fired > 0 : isFull() && works.length > 0;
    const taken = isDone ? [] : this.#take(turn.instances.evaluated.length + works.length);
    for (const [index, work] of taken.entries()) {
      if (index > 0 && isFull()) {
        this.#queue.putBack(taken.slice(index));
        break;
      }
      works.push(work);
      this.#do(open, work);
    }
    open.spent = spent();
    this.#options.metrics.work('turn', performance.now() - beganWork);
    if (this.#apart > 0) this.#apart--;
  }

  #begin(): OpenTurn {
    const context: EvaluationContext = {
      now: this.now(),
      wall: this.#options.clock.wall(),
      limits: this.limits,
      traces: this.#traces,
      keepsStates: this.#keepsStates,
    };
    const turn = new HostTurn(context, this.#state);
    this.#commits.expire(turn.now);
    return { turn, works: [], failures: new Map(), fired: 0, last: undefined, spent: 0 };
  }

  /** Makes a turn durable and answers its callers. */
  async #finish(open: OpenTurn): Promise<void> {
    const { turn, works, failures } = open;
    let committed: () => void;
    try {
      committed = await this.#commits.commit(turn);
    } catch (error) {
      if (isUnencodable(error)) this.#separate(open, error);
      else this.#takeBack(open, error);
      return;
    }
    for (const work of works) {
      const failure = failures.get(work);
      if (failure === undefined) work.answer();
      else work.fail(failure);
    }
    try {
      committed();
      this.#report(turn);
    } catch (error) {
      // The turn is durable and answered; a failing observer cannot undo it.
      this.#options.log.error({ err: error }, 'observing a durable turn failed');
    }
  }

  /** Rolls back a turn whose commit failed, and before it the open turn, which builds on it: newest first. */
  #rollBack(failed: OpenTurn): OpenTurn[] {
    const turns = this.#open === undefined ? [failed] : [this.#open, failed];
    this.#open = undefined;
    for (const { turn } of turns) turn.rollBack();
    return turns;
  }

  #takeBack(failed: OpenTurn, error: unknown): void {
    const turns = this.#rollBack(failed);
    const message = error instanceof Error ? error.message : String(error);
    this.#options.log.error({ err: error }, 'commit failed: the turn is rolled back');
    this.#pausedUntil = this.now() + PAUSE_AFTER_FAILURE;
    const fault = new Fault('ServiceUnavailableException', `The message store failed: ${message}`);
    for (const { works } of turns.reverse()) for (const work of works) work.fail(fault);
  }

  /**
   * The turn was too large, or contained something that cannot be encoded. Its pieces are repeated, each in a turn of
   * its own, so that only the bad one fails.
   */
  #separate(failed: OpenTurn, error: unknown): void {
    const turns = this.#rollBack(failed);
    const pieces = turns.reduce((sum, { works, fired }) => sum + works.length + fired, 0);
    const only = failed.works.length + failed.fired === 1;
    for (const { works } of turns) if (!only || works !== failed.works) this.#queue.putBack(works);
    this.#apart = Math.max(this.#apart, pieces - Number(only));
    if (!only) return;
    const message = `The outcome could not be made durable: ${error instanceof Error ? error.message : error}`;
    for (const work of failed.works) work.fail(new Fault('InternalFailureException', message));
    const { last } = failed;
    if (last !== undefined) last.slot.putAside(last);
    const fields = last && instanceFields(last.model, last.keyValue);
    this.#options.log.error(
      { err: error, ...fields },
      'an evaluation could not be made durable and is dropped',
    );
  }

  /** The waiting work that a turn still has room for. */
  #take(spent: number): readonly Work[] {
    const room = this.#apart > 0 ? 0 : this.limits.turnSize - spent;
    return this.#queue.take(room, spent === 0);
  }

  /** Executes one piece of work; a failure leaves no changes behind. */
  #do({ turn, failures }: OpenTurn, work: Work): void {
    const mark = turn.mark();
    try {
      work.run(turn);
    } catch (error) {
      turn.rollBack(mark);
      failures.set(work, error instanceof Error ? error : new Error(String(error)));
    }
  }

  #report(turn: HostTurn): void {
    for (const evaluated of turn.instances.evaluated) {
      const { model, keyValue, result } = evaluated;
      for (const { level, message, state, eventName } of result.problems) {
        const fields = { ...instanceFields(model, keyValue), state, eventName };
        if (level === 'ERROR') this.#options.log.error(fields, message);
        else this.#options.log.warn(fields, message);
      }
      for (const observer of this.#observers) observer.observe?.(evaluated, turn.wall, turn.now);
    }
  }

  /** Fires due timers. While messages or commands wait, timers get at most half of the turn. */
  #fireTimers(open: OpenTurn, spent: () => number): void {
    const { instances } = open.turn;
    const { turnSize, turnTime, turnText } = this.limits;
    const share = this.#queue.isEmpty && open.works.length === 0 ? 1 : 0.5;
    // At least one: a turn that starts for a timer must make progress.
    while (
      open.fired === 0 ||
      (this.#apart === 0 &&
        open.fired < turnSize * share &&
        spent() < turnTime * share &&
        instances.bytes < turnText)
    ) {
      const fired = this.evaluator.timer(instances);
      if (fired === undefined) break;
      open.fired++;
      open.last = fired.held;
    }
  }

  /** Makes sure that the next timer starts a turn. */
  #schedule(): void {
    if (this.#closing) return;
    const time = Math.max(this.evaluator.nextDue(this.now()), this.#pausedUntil);
    if (this.#wake?.time === time) return;
    this.#wake?.cancel();
    this.#wake = undefined;
    if (time === Number.POSITIVE_INFINITY) return;
    const cancel = this.#options.clock.at(time, () => {
      this.#wake = undefined;
      this.#wakeUp();
    });
    this.#wake = { time, cancel };
  }
}

/** Whether a turn failed because of its contents rather than the disk. */
function isUnencodable(error: unknown): boolean {
  return error instanceof StoreError ? error.code === 'UNENCODABLE' : error instanceof RangeError;
}
