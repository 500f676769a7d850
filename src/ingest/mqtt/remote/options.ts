/** The address of an external broker. */
export interface RemoteAddress {
  /** `mqtt:`, `mqtts:`, `ws:` or `wss:`, with user name and password if the broker requires them. */
  readonly url: string;
  /** Contents of PEM files: the broker's certificate authority, and the client certificate and key. */
  readonly ca?: Buffer | undefined;
  readonly cert?: Buffer | undefined;
  readonly key?: Buffer | undefined;
}

/** MQTT 5, or MQTT 3.1.1 for brokers without 5. */
export type ProtocolVersion = 4 | 5;
