import type { AlarmTrigger } from '../../core/alarm/types.ts';
import type { Limits } from '../../limits.ts';
import type { Change, Store } from '../../store/store.ts';
import type { Catalog } from '../catalog.ts';
import type { Clock } from '../clock.ts';
import { type DedupeWindow, identify } from '../dedupe.ts';
import type { OutgoingEffect } from '../delivery/outbox.ts';
import { Fault } from '../fault.ts';
import type { Log } from '../log.ts';
import type { Logging } from '../logging.ts';
import { type IncomingMessage, keyOf } from '../messages.ts';
import type { RuntimeMetrics } from '../metrics.ts';
import { dedupeKey } from '../rows.ts';
import { type Evaluated, nameOf, type RunningModel } from '../running.ts';
import { type Held, type Slot, slotOf, type Traces } from '../slot.ts';
import { Throttle } from '../throttle.ts';
import { type Loaded, load } from './load.ts';
import { Turn, type TurnOptions } from './turn.ts';

export interface HostOptions {
  readonly clock: Clock;
  readonly limits: Limits;
  readonly log: Log;
  readonly metrics: RuntimeMetrics;
  /** Where the effects of a turn go: rows to commit with it, and what to do when they are durable. */
  readonly outbox: EffectSink;
}

export interface EffectSink {
  prepare(
    effects: readonly OutgoingEffect[],
    now: number,
  ): { readonly rows: readonly Change[]; readonly committed: () => void };
  /** Whether so much waits already that no more messages should come in. */
  readonly isFull: boolean;
}

export type MessageOutcome = Fault | undefined;

/** Whoever watches evaluations. */
export interface Watcher {
  /** Called after each durable evaluation; `now` in milliseconds since the epoch. */
  observe(evaluated: Evaluated, now: number): void;
  /** Whether the evaluations of a detector keep a trace, which costs time; all do where it is absent. */
  readonly traces?: Traces;
  /** Whether it looks at `before` and `after`, which costs a copy each time; it does where this is absent. */
  keepsStates?(): boolean;
}

interface Work {
  readonly size: number;
  /** Does the work in a turn; gives what to do when the turn is durable. Throws Fault or anything else. */
  run(turn: Turn): () => void;
  fail(error: Error): void;
}

/** A turn that still takes work. */
interface OpenTurn {
  readonly turn: Turn;
  readonly works: Work[];
  /** What to do for each work when the turn is durable. */
  readonly answers: (() => void)[];
}

/** Milliseconds. */
const PAUSE_AFTER_FAILURE = 1000;

/**
 * The embedded host: all slots in one process. A turn takes what waits (due timers first, then work in the order
 * of its arrival), evaluates it, commits everything at once and only then answers and lets effects go. What
 * arrives during a commit is evaluated into the next turn, which is committed when that one is durable.
 */
export class Host {
  readonly catalog: Catalog;
  readonly logging: Logging;
  readonly slots: readonly Slot[];
  readonly limits: Limits;
  readonly #store: Store;
  readonly #options: HostOptions;
  readonly #turnOptions: TurnOptions;
  readonly #dedupe: DedupeWindow;
  readonly #throttle: Throttle;
  readonly #watchers = new Set<Watcher>();
  #queue: Work[] = [];
  #queued = 0;
  /** A turn is on its way to the store; what comes meanwhile is evaluated into the open one. */
  #isCommitting = false;
  #open: OpenTurn | undefined;
  /** What waits will be looked at in a moment. */
  #isAwake = false;
  #isStarted = false;
  #closing = false;
  /** Timers start no turn until then: the last commit failed. */
  #pausedUntil = 0;
  /** Chunks of the dedupe window that have left it, until their rows are gone. */
  #expired: number[] = [];
  #now: number;
  #wake: { readonly time: number; readonly cancel: () => void } | undefined;
  #idle: (() => void)[] = [];

  /** Reads everything durable. Nothing runs before `start`: what comes in until then waits. */
  static async open(store: Store, options: HostOptions): Promise<Host> {
    return new Host(store, await load(store, options.limits), options);
  }

  private constructor(store: Store, loaded: Loaded, options: HostOptions) {
    this.#store = store;
    this.#options = options;
    this.catalog = loaded.catalog;
    this.logging = loaded.logging;
    this.slots = loaded.slots;
    this.limits = options.limits;
    this.#dedupe = loaded.dedupe;
    this.#turnOptions = {
      ...{ limits: options.limits, sequence: loaded.sequence, dedupe: loaded.dedupe },
      ...{ traces: this.#traces, keepsStates: this.#keepsStates },
    };
    this.#throttle = new Throttle(options.limits);
    this.#now = options.clock.now();
  }

  /** Milliseconds since the epoch; never less than it was. */
  now(): number {
    this.#now = Math.max(this.#now, this.#options.clock.now());
    return this.#now;
  }

  /** Begins to take turns; overdue timers fire first, in due order. To be called once everything is attached. */
  start(): void {
    this.#isStarted = true;
    this.#wakeUp();
  }

  get queued(): number {
    return this.#queued;
  }

  slotFor(modelName: string, keyValue: string | undefined): Slot {
    return this.slots[slotOf(modelName, keyValue, this.slots.length)] as Slot;
  }

  /** Detectors of all models. */
  get detectors(): number {
    return [...this.catalog.models.values()].reduce((sum, { active }) => sum + this.count(active.epoch), 0);
  }

  /** Alarms of all models. */
  get alarms(): number {
    return [...this.catalog.alarmModels.values()].reduce(
      (sum, { active }) => sum + this.count(active.epoch),
      0,
    );
  }

  /** Detectors or alarms of a model. */
  count(epoch: number): number {
    return this.slots.reduce((count, slot) => count + slot.count(epoch), 0);
  }

  /** The function it gives ends it. */
  observe(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /**
   * Evaluates messages in their order. Resolves when the outcome is durable, with a fault for each message that
   * was not accepted.
   */
  putMessages(messages: readonly IncomingMessage[]): Promise<MessageOutcome[]> {
    if (this.#queued + messages.length > this.limits.queuedMessages) {
      const limit = this.limits.queuedMessages;
      const fault = new Fault(
        'ThrottlingException',
        `More than ${limit} messages wait for evaluation; try again later`,
      );
      return Promise.resolve(messages.map(() => fault));
    }
    return this.#enqueue(messages.length, (turn) =>
      messages.map((message) => this.evaluate(turn, message, this.limits.chainMessages)),
    );
  }

  /** Does something in a turn of its own order: resolves with its result when that is durable. */
  command<T>(run: (turn: Turn) => T): Promise<T> {
    return this.#enqueue(1, run);
  }

  /** Takes nothing more, finishes what was accepted, and is done. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#wake?.cancel();
    this.#wake = undefined;
    if (this.#isCommitting || this.#isAwake) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #enqueue<T>(size: number, run: (turn: Turn) => T): Promise<T> {
    if (this.#closing) {
      return Promise.reject(new Fault('ServiceUnavailableException', 'The server is shutting down'));
    }
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({
        size,
        run: (turn) => {
          const result = run(turn);
          return () => resolve(result);
        },
        fail: reject,
      });
      this.#queued += size;
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

  /** Evaluates what is due and what waits into the open turn, also while the turn before it is being committed. */
  #fill(): void {
    const now = this.now();
    const timersAreDue = !this.#closing && (this.#earliestSlot()?.nextDue ?? Number.POSITIVE_INFINITY) <= now;
    // Timers alone wait out a pause; work does not overtake them.
    if (this.#queue.length === 0 && !(timersAreDue && now >= this.#pausedUntil)) return;
    this.#open ??= this.#begin();
    const { turn, works, answers } = this.#open;
    if (timersAreDue) this.#fireTimers(turn);
    for (const work of this.#take(turn.evaluated.length + works.length)) {
      works.push(work);
      answers.push(this.#do(turn, work));
    }
  }

  #begin(): OpenTurn {
    const turn = new Turn(this.now(), this.#turnOptions);
    this.#expired.push(...this.#dedupe.expire(turn.now));
    return { turn, works: [], answers: [] };
  }

  /** Makes a turn durable, and answers. */
  async #finish(open: OpenTurn): Promise<void> {
    const { turn, answers } = open;
    let committed: () => void;
    try {
      committed = await this.#commit(turn);
    } catch (error) {
      this.#takeBack(open, error);
      return;
    }
    for (const answer of answers) answer();
    try {
      committed();
      this.#report(turn);
    } catch (error) {
      // The turn is durable and answered: whoever watches it cannot take it back.
      this.#options.log.error({ err: error }, 'a durable turn could not be reported');
    }
  }

  #takeBack(failed: OpenTurn, error: unknown): void {
    // What was evaluated during the commit stands on what is taken back.
    const turns = this.#open === undefined ? [failed] : [this.#open, failed];
    this.#open = undefined;
    for (const { turn } of turns) turn.rollBack();
    const message = error instanceof Error ? error.message : String(error);
    this.#options.log.error({ err: error }, 'commit failed: nothing of this turn is accepted');
    this.#pausedUntil = this.now() + PAUSE_AFTER_FAILURE;
    const fault = new Fault('ServiceUnavailableException', `The message store failed: ${message}`);
    for (const { works } of turns.reverse()) for (const work of works) work.fail(fault);
  }

  /** What waits, as far as a turn takes it that has done so much already. */
  #take(spent: number): Work[] {
    let size = spent;
    let count = 0;
    while (count < this.#queue.length && (spent + count === 0 || size < this.limits.turnSize)) {
      size += this.#queue[count]?.size ?? 0;
      count++;
    }
    const works = count === this.#queue.length ? this.#queue : this.#queue.slice(0, count);
    this.#queue = count === this.#queue.length ? [] : this.#queue.slice(count);
    for (const work of works) this.#queued -= work.size;
    return works;
  }

  /** Does one piece of work; what fails leaves nothing behind. */
  #do(turn: Turn, work: Work): () => void {
    const mark = turn.mark();
    try {
      return work.run(turn);
    } catch (error) {
      turn.rollBack(mark);
      const failure = error instanceof Error ? error : new Error(String(error));
      return () => work.fail(failure);
    }
  }

  /** Makes the turn durable; gives what to tell the outbox then. */
  async #commit(turn: Turn): Promise<() => void> {
    if (turn.isEmpty) return () => {};
    const began = performance.now();
    const outbox = this.#options.outbox.prepare(turn.effects, turn.now);
    const state = turn.stateRows();
    const { chunk } = turn;
    const ids = chunk?.toRow() ?? '';
    if (chunk !== undefined) state.push([dedupeKey(chunk.number), ids]);
    const expired = this.#expired;
    this.#expired = [];
    for (const number of expired) state.push([dedupeKey(number), null]);
    try {
      await this.#store.commit({ state, dropState: turn.dropped, rows: [...turn.rows, ...outbox.rows] });
    } catch (error) {
      this.#expired.push(...expired);
      throw error;
    }
    chunk?.keep(ids);
    this.#options.metrics.turn(turn, (performance.now() - began) / 1000);
    return outbox.committed;
  }

  #report(turn: Turn): void {
    for (const evaluated of turn.evaluated) {
      const { model, keyValue, result } = evaluated;
      for (const { level, message, state, eventName } of result.problems) {
        const fields = { ...modelField(model), keyValue, state, eventName };
        if (level === 'ERROR') this.#options.log.error(fields, message);
        else this.#options.log.warn(fields, message);
      }
      for (const watcher of this.#watchers) watcher.observe(evaluated, turn.now);
    }
  }

  #fireTimers(turn: Turn): void {
    while (turn.evaluated.length < this.limits.turnSize) {
      const slot = this.#earliestSlot();
      if (slot === undefined || slot.nextDue > turn.now) break;
      const mark = turn.mark();
      let fields = {};
      try {
        const due = slot.takeDue(turn.now);
        // An entry that a later timer has left behind; another slot may have one that is due.
        if (due === undefined) continue;
        const { held, timerName } = due;
        fields = { ...modelField(held.model), keyValue: held.keyValue, timerName };
        this.trigger(turn, held, { type: 'Timer', timerName });
      } catch (error) {
        turn.rollBack(mark);
        this.#options.log.error({ err: error, ...fields }, 'timer could not be evaluated');
      }
    }
  }

  /** Evaluates what does not come with a message, as part of a turn. */
  trigger(turn: Turn, held: Held, trigger: AlarmTrigger): void {
    const effects = turn.effects.length;
    turn.evaluate(held.slot, held.model, held.keyValue, held, trigger);
    turn.share(this.limits.chainMessages, effects);
  }

  /**
   * Evaluates one message as part of a turn. `chain` is the number of messages that it may cause through iotEvents
   * actions, directly and through what they cause.
   */
  evaluate(turn: Turn, message: IncomingMessage, chain: number): MessageOutcome {
    const { inputName, messageId, payload } = message;
    if (!this.catalog.takes(inputName)) {
      return new Fault('ResourceNotFoundException', `Input of name: ${inputName} not found`);
    }
    const id = identify(inputName, messageId);
    if (this.#dedupe.has(id, turn.now)) return undefined;
    if (this.#dedupe.isFull(this.limits.dedupeEntries, turn.now)) {
      const limit = this.limits.dedupeEntries;
      return new Fault(
        'ThrottlingException',
        `Number of messages within the dedupe window exceeds the limit ${limit}`,
      );
    }
    if (this.#options.outbox.isFull) {
      const limit = this.limits.pendingActions;
      return new Fault(
        'ThrottlingException',
        `Number of actions that wait for delivery exceeds the limit ${limit}`,
      );
    }
    const models = this.catalog.route(inputName);
    const throttled = this.#throttle.isOn
      ? this.#throttle.take(reached(models, payload), turn.now)
      : undefined;
    if (throttled !== undefined) return throttled;
    const faults: string[] = [];
    const effects = turn.effects.length;
    for (const model of models) {
      const key = keyOf(model, payload);
      if (!key.ok) {
        faults.push(key.message);
        continue;
      }
      const slot = this.slotFor(model.compiled.name, key.keyValue);
      const limit = this.limits[model.kind === 'detector' ? 'detectorsPerModel' : 'alarmsPerModel'];
      const held = slot.find(model.epoch, key.keyValue);
      if (held === undefined && this.count(model.epoch) >= limit) {
        faults.push(`Number of ${model.kind}s of ${nameOf(model)} exceeds the limit ${limit}`);
        continue;
      }
      const input = model.compiled.inputs.get(inputName) as number;
      turn.evaluate(slot, model, key.keyValue, held, { type: 'Message', input, messageId, payload });
    }
    turn.share(chain, effects);
    if (faults.length === 0 || faults.length < models.length) turn.accept(id);
    return faults.length === 0 ? undefined : new Fault('InvalidRequestException', faults.join('; '));
  }

  readonly #traces: Traces = (detectorModelName, keyValue) => {
    for (const { traces } of this.#watchers) {
      if (traces === undefined || traces(detectorModelName, keyValue)) return true;
    }
    return false;
  };

  readonly #keepsStates = (): boolean => {
    for (const watcher of this.#watchers) if (watcher.keepsStates?.() ?? true) return true;
    return false;
  };

  #earliestSlot(): Slot | undefined {
    let earliest: Slot | undefined;
    for (const slot of this.slots)
      if (slot.nextDue < (earliest?.nextDue ?? Number.POSITIVE_INFINITY)) earliest = slot;
    return earliest;
  }

  /** Sees to it that the next timer starts a turn. */
  #schedule(): void {
    if (this.#closing) return;
    const time = Math.max(this.#earliestSlot()?.nextDue ?? Number.POSITIVE_INFINITY, this.#pausedUntil);
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

function modelField({ kind, compiled: { name } }: RunningModel): Readonly<Record<string, string>> {
  return kind === 'detector' ? { detectorModelName: name } : { alarmModelName: name };
}

/** The detectors and alarms that a message is for. */
function reached(models: readonly RunningModel[], payload: IncomingMessage['payload']): string[] {
  return models.flatMap((model) => {
    const key = keyOf(model, payload);
    return key.ok ? [`${model.epoch}/${key.keyValue}`] : [];
  });
}
