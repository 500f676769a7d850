import type { DisconnectReason } from './presence.ts';

/** A client connected to the embedded broker. Times are milliseconds since the epoch. */
export interface ConnectedClient {
  readonly clientId: string;
  /** The certificate's thumbprint, the user name, or an empty string. */
  readonly principal: string;
  readonly address: string;
  readonly isEncrypted: boolean;
  readonly connectedAt: number;
  /** Maximum seconds of silence. */
  readonly keepAlive: number;
  /** Whether its session ends with the connection. */
  readonly isClean: boolean;
  readonly subscriptions: readonly string[];
}

/** A disconnected client. */
export interface Departure {
  readonly clientId: string;
  readonly at: number;
  readonly reason: DisconnectReason;
}

const REMEMBERED = 50;

/** The most recently disconnected clients, newest first; kept in memory. */
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
