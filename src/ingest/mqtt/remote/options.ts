/** How to reach an external broker. */
export interface RemoteAddress {
  /** `mqtt:`, `mqtts:`, `ws:` or `wss:`, with user name and password where the broker wants them. */
  readonly url: string;
  /** Contents of PEM files: the broker's authority, and the certificate and key to show to it. */
  readonly ca?: Buffer | undefined;
  readonly cert?: Buffer | undefined;
  readonly key?: Buffer | undefined;
}

/** MQTT 5, or MQTT 3.1.1 where the broker has no 5. */
export type ProtocolVersion = 4 | 5;
