import type { DisconnectReason } from './presence.ts';

/** A client that is connected to the embedded broker. Times are milliseconds since the epoch. */
export interface ConnectedClient {
  readonly clientId: string;
  /** The certificate's thumbprint, or the user name, or the empty string. */
  readonly principal: string;
  readonly address: string;
  readonly isEncrypted: boolean;
  readonly connectedAt: number;
  /** Seconds that it may be silent. */
  readonly keepAlive: number;
  /** Whether its session ends with the connection. */
  readonly isClean: boolean;
  readonly subscriptions: readonly string[];
}

/** A client that has gone. */
export interface Departure {
  readonly clientId: string;
  readonly at: number;
  readonly reason: DisconnectReason;
}

const REMEMBERED = 50;

/** The last clients that have gone, newest first; kept in memory. */
export class Departures {
  readonly #list: Departure[] = [];

  get list(): readonly Departure[] {
    return this.#list;
  }

  add(departure: Departure): void {
    this.#list.unshift(departure);
    if (this.#list.length > REMEMBERED) this.#list.pop();
  }
}
