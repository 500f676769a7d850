import { NO_RECIPIENTS, type ServiceRequest } from '../../src/core/action/index.ts';
import type { ActionEffect } from '../../src/core/detector/effect.ts';
import { DEFAULT_LIMITS, type Limits } from '../../src/limits.ts';
import { Dispatcher } from '../../src/runtime/delivery/dispatcher.ts';
import type { Execution } from '../../src/runtime/delivery/execution.ts';
import { Executions } from '../../src/runtime/delivery/executions.ts';
import { Outbox } from '../../src/runtime/delivery/outbox.ts';
import type { Log } from '../../src/runtime/log.ts';
import { RuntimeMetrics } from '../../src/runtime/metrics.ts';
import { SendError } from '../../src/send/index.ts';
import { emptyImage, type MemoryImage, openMemoryStore } from '../../src/store/memory-store.ts';
import type { Changes, Store } from '../../src/store/store.ts';
import { SimulatedClock } from './simulated-clock.ts';

export const START = 1_600_000_000_000;

/** A target's reaction to a message; throws to refuse it. */
export type Target = (text: string, request: ServiceRequest) => Promise<void>;

/** Outbox, dispatcher and executions on a given store, with targets that behave as the test says. */
export class DeliveryRig {
  readonly clock: SimulatedClock;
  readonly image: MemoryImage;
  readonly limits: Limits;
  readonly metrics = new RuntimeMetrics();
  /** Texts in order of arrival. */
  readonly sent: string[] = [];
  readonly sentIds: string[] = [];
  readonly logged: [level: string, fields: object, message: string][] = [];
  store!: Store;
  outbox!: Outbox;
  dispatcher!: Dispatcher;
  executions!: Executions;
  target: Target = async () => {};
  breakCommits = false;
  sends = true;
  attempts = 0;
  #position = 0;

  private constructor(image: MemoryImage, limits: Partial<Limits>, now: number) {
    this.image = image;
    this.limits = { ...DEFAULT_LIMITS, ...limits };
    this.clock = new SimulatedClock(now);
  }

  static async start(
    limits: Partial<Limits> = {},
    {
      image = emptyImage(),
      now = START,
      sends = true,
      target = async () => {},
      beforeStart = async () => {},
    }: {
      readonly image?: MemoryImage;
      readonly now?: number;
      readonly sends?: boolean;
      readonly target?: Target;
      /** Called between opening and the start of deliveries. */
      readonly beforeStart?: (rig: DeliveryRig) => Promise<void>;
    } = {},
  ): Promise<DeliveryRig> {
    const rig = new DeliveryRig(image, limits, now);
    rig.sends = sends;
    rig.target = target;
    await rig.#open(beforeStart);
    return rig;
  }

  async #open(beforeStart: (rig: DeliveryRig) => Promise<void>): Promise<void> {
    const memory = openMemoryStore(this.image);
    this.store = {
      ...memory,
      commit: async (changes: Changes) => {
        if (this.breakCommits) throw new Error('no space left on device');
        await memory.commit(changes);
      },
    };
    const note = (level: string) => (fields: object, message: string) =>
      void this.logged.push([level, fields, message]);
    const log: Log = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };
    const { clock, limits, metrics, store } = this;
    this.outbox = await Outbox.open(store, {
      limits,
      log,
      metrics,
      sends: this.sends,
      notifications: NO_RECIPIENTS,
    });
    this.dispatcher = new Dispatcher({
      ...{ outbox: this.outbox, clock, limits, log, metrics },
      random: () => 0.5,
      loopback: async () => {
        throw new SendError('TERMINAL', 'This rig has no inputs');
      },
      senders: this.sends
        ? { send: (request) => this.#send(request), load: async () => {}, close: async () => {} }
        : undefined,
    });
    this.executions = await Executions.open({
      ...{ store, outbox: this.outbox, clock, limits, log, sends: this.sends },
      withdraw: (queued) => this.dispatcher.remove(queued),
    });
    this.outbox.deliverTo(this.dispatcher);
    await beforeStart(this);
    this.dispatcher.start();
    await this.settle();
  }

  async #send(request: ServiceRequest): Promise<void> {
    const text = String(request.input.Message ?? request.input.MessageBody);
    this.attempts++;
    await this.target(text, request);
    this.sent.push(text);
  }

  /** Creates one execution for each text in one commit: to a topic, or to the queue of that name. */
  async act(keyValue: string, texts: readonly string[], queue?: string): Promise<void> {
    const effects = texts.map((text) => this.#effect(keyValue, text, queue));
    const outgoing = effects.map((effect) => ({ effect, roleArn: 'role', chain: 0 }));
    const { rows, committed } = this.outbox.prepare(outgoing, this.clock.now());
    await this.store.commit({ rows });
    committed();
  }

  #effect(keyValue: string, text: string, queue: string | undefined): ActionEffect {
    return {
      actionExecutionId: `00000000-0000-3000-8000-${String(++this.#position).padStart(12, '0')}`,
      type: queue === undefined ? 'sns' : 'sqs',
      detectorModelName: 'M',
      keyValue,
      eventName: 'e',
      eventTime: this.clock.now(),
      parameters:
        queue === undefined ? { targetArn: 'arn:aws:sns:us-east-1:0:t' } : { queueUrl: `http://q/${queue}` },
      payload: { type: 'STRING', text },
    };
  }

  settle = async (): Promise<void> => {
    for (let n = 0; n < 30; n++) await new Promise((resolve) => setImmediate(resolve));
  };

  async advance(milliseconds: number): Promise<void> {
    await this.settle();
    await this.clock.advance(this.clock.now() + milliseconds, this.settle);
    await this.settle();
  }

  /** All executions, oldest first. */
  async all(): Promise<Execution[]> {
    return (await this.executions.list({}, { maxResults: 10_000 })).actions.reverse();
  }

  async statuses(): Promise<[string, number, string?][]> {
    return (await this.all()).map(({ status, attempts, lastError }) =>
      lastError ? [status, attempts, lastError] : [status, attempts],
    );
  }
}

export function down(): never {
  throw new SendError('RETRYABLE', 'down');
}
