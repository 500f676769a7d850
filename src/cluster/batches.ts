import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { Fault } from '../runtime/fault.ts';
import type { WireCommand, WireOutcome } from './contract.ts';
import type { Ingress } from './ingress.ts';
import { IngressError } from './node-urls.ts';

export interface BatchOptions {
  /** Maximum commands in one call. */
  readonly size: number;
  /** Milliseconds that a first command waits for others to join it. */
  readonly wait: number;
  /** Milliseconds after which an unanswered call is abandoned. */
  readonly giveUp: number;
  /** The time in milliseconds since the epoch; the machine's clock when absent. */
  readonly now?: () => number;
}

interface Waiting {
  readonly command: WireCommand;
  readonly resolve: (outcome: WireOutcome) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Collects commands for each slot and sends them in batches, with one call in progress for each slot: commands keep
 * their order, and those that arrive meanwhile form the next batch. An unanswered batch is sent again under the same
 * idempotency key, so that it takes effect once.
 */
export class Batches {
  readonly #ingress: Ingress;
  readonly #options: BatchOptions;
  /** The version of the catalog that the commands were made with. */
  readonly #versionOf: () => number;
  /** Called with the version that a slot has seen. */
  readonly #saw: (version: number) => void;
  readonly #waiting = new Map<number, Waiting[]>();
  readonly #busy = new Set<number>();
  #count = 0;

  constructor(
    ingress: Ingress,
    options: BatchOptions,
    versionOf: () => number,
    saw: (version: number) => void,
  ) {
    this.#ingress = ingress;
    this.#options = options;
    this.#versionOf = versionOf;
    this.#saw = saw;
  }

  /** Commands without an answer yet. */
  get size(): number {
    return this.#count;
  }

  /**
   * Resolves with the outcome when it is durable. Rejects with Fault when it is unknown whether the command took
   * effect.
   */
  add(slot: number, command: WireCommand): Promise<WireOutcome> {
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(slot);
      const one = { command, resolve, reject };
      if (waiting === undefined) this.#waiting.set(slot, [one]);
      else waiting.push(one);
      this.#count++;
      if (!this.#busy.has(slot)) void this.#run(slot);
    });
  }

  /** Resolves when no command waits any more. */
  async idle(): Promise<void> {
    while (this.#count > 0) await wait(5);
  }

  async #run(slot: number): Promise<void> {
    this.#busy.add(slot);
    await wait(this.#options.wait);
    for (;;) {
      const waiting = this.#waiting.get(slot) ?? [];
      if (waiting.length === 0) break;
      await this.#send(slot, waiting.splice(0, this.#options.size));
    }
    this.#waiting.delete(slot);
    this.#busy.delete(slot);
  }

  async #send(slot: number, batch: readonly Waiting[]): Promise<void> {
    const { now = Date.now } = this.#options;
    const commands = batch.map(({ command }) => command);
    const body = { catalogVersion: this.#versionOf(), now: now(), commands };
    const key = randomUUID();
    const until = performance.now() + this.#options.giveUp;
    for (let pause = 50; ; pause = Math.min(1000, pause * 2)) {
      try {
        const answer = await this.#ingress.apply(slot, body, key);
        this.#count -= batch.length;
        this.#saw(answer.catalogVersion);
        for (const [index, { resolve }] of batch.entries()) resolve(answer.outcomes[index] ?? 'Stale');
        return;
      } catch (error) {
        const isFinal = error instanceof IngressError && error.status !== undefined && error.status < 500;
        if (!isFinal && performance.now() + pause < until) {
          await wait(pause);
          continue;
        }
        this.#count -= batch.length;
        const fault = new Fault(
          'ServiceUnavailableException',
          `The cluster does not answer: ${(error as Error).message}`,
        );
        for (const { reject } of batch) reject(fault);
        return;
      }
    }
  }
}
