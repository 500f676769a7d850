import type { PublishPacket } from 'aedes';
import { allOf } from '../all-of.ts';
import type { Publication } from '../rules/publication.ts';
import type { DurableAedes } from './durable-aedes.ts';
import type { FanOut } from './fan-out.ts';
import type { Sessions } from './sessions.ts';
import { isBasicIngest } from './topics.ts';

export interface TrafficOptions {
  readonly aedes: DurableAedes;
  readonly fanOut: FanOut;
  readonly sessions: Sessions;
  /** Resolves when the outcome of the message's rules is durable. */
  readonly deliver: (publication: Publication) => Promise<void>;
}

/** A published message, as the broker library or this process passes it. */
export type Published = Pick<PublishPacket, 'topic' | 'payload' | 'qos' | 'retain'>;

/** Messages on their way to the rules and subscribers. */
export class Traffic {
  readonly #options: TrafficOptions;
  /** Messages without an outcome yet, and callbacks waiting for there to be none. */
  #underWay = 0;
  readonly #idle: (() => void)[] = [];

  constructor(options: TrafficOptions) {
    this.#options = options;
  }

  /**
   * Delivers a message to the rules, and `packet` to the subscribers unless it is for a single rule. Resolves when the
   * outcome is durable. The caller counts it, with `begin` and `end`.
   */
  accept(publication: Publication, packet: Published): Promise<unknown> {
    const { aedes, deliver } = this.#options;
    // Subscribers must see it before the messages that rules derive from it.
    const forwarded = this.#concernsSubscribers(packet)
      ? aedes.forward({ ...packet, cmd: 'publish', dup: false })
      : undefined;
    const delivered = deliver(publication);
    return forwarded === undefined ? delivered : allOf([delivered, forwarded]);
  }

  begin(): void {
    this.#underWay++;
  }

  end(): void {
    this.#underWay--;
    if (this.#underWay === 0) for (const idle of this.#idle.splice(0)) idle();
  }

  /** Resolves when no message is in progress. */
  async untilIdle(): Promise<void> {
    if (this.#underWay > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #concernsSubscribers({ topic, retain }: Published): boolean {
    const { fanOut, sessions } = this.#options;
    if (isBasicIngest(topic)) return false;
    return retain || fanOut.hasListeners(topic) || sessions.hasTakers(topic);
  }
}
