/** A message that somebody published: what the rules are evaluated on. */
export interface Publication {
  /** As published; Basic Ingest topics (`$aws/rules/{rule}/…`) with their prefix. */
  readonly topic: string;
  /** The bytes as they came; they must not be changed afterwards. */
  readonly payload: Buffer;
  /** How it came in. `traceid()` and `clientid()` tell only about MQTT. */
  readonly via: 'mqtt' | 'http';
  /** The publisher's MQTT client id, where it is known: not behind an external broker. */
  readonly clientId?: string | undefined;
  /** SHA-256 thumbprint of the client certificate, in hexadecimal; absent for every other credential. */
  readonly principal?: string | undefined;
  /** The publisher's IP address without a port. */
  readonly sourceIp?: string | undefined;
  /** Properties of an MQTT 5 PUBLISH; absent where the connection has none. */
  readonly properties?: MqttProperties | undefined;
  /** Rules it has come through already; what a client publishes has come through none. */
  readonly hops?: number | undefined;
}

/** Properties of an MQTT 5 PUBLISH. */
export interface MqttProperties {
  /** In the order of the packet; a key may come more than once. */
  readonly userProperties?: readonly { readonly key: string; readonly value: string }[] | undefined;
  /** `true` for UTF-8 text. */
  readonly payloadFormatIndicator?: boolean | undefined;
  readonly contentType?: string | undefined;
  readonly responseTopic?: string | undefined;
  readonly correlationData?: Buffer | undefined;
  /** Seconds. */
  readonly messageExpiry?: number | undefined;
}

/** A message that a rule publishes. */
export interface Republication {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1;
  /** Never retained. */
  readonly properties?: MqttProperties | undefined;
  /** To be carried along where the message comes back by a subscription, as MQTT 5 user property `tripline-hops`. */
  readonly hops: number;
}

/** What rules publish through: the embedded broker or a connection to an external one. */
export interface Republisher {
  /**
   * Whether what it publishes comes back by a subscription of its own, as from an external broker. Otherwise the rule
   * engine gives republished messages to the rules itself, and the broker must not.
   */
  readonly comesBack: boolean;
  /**
   * Resolves when the broker has the message: QoS 1 when it is durable there. Rejects with an error that says why it
   * cannot be published; the rule's action has failed then.
   */
  publish(message: Republication): Promise<void>;
}
