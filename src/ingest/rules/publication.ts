/** A published message, on which rules are evaluated. */
export interface Publication {
  /** The topic as published; Basic Ingest topics (`$aws/rules/{rule}/…`) include their prefix. */
  readonly topic: string;
  /** The received bytes; they must not be changed afterwards. */
  readonly payload: Buffer;
  /** How the message arrived. `traceid()` and `clientid()` have values for MQTT only. */
  readonly via: 'mqtt' | 'http';
  /** Its id in logs and failures, when the publisher has been told one; otherwise one is created. */
  readonly traceId?: string | undefined;
  /** The publisher's MQTT client id, when known; an external broker does not report it. */
  readonly clientId?: string | undefined;
  /** SHA-256 thumbprint of the client certificate in hexadecimal; absent for any other credential. */
  readonly principal?: string | undefined;
  /** The publisher's IP address without a port. */
  readonly sourceIp?: string | undefined;
  /** Properties of an MQTT 5 PUBLISH; absent when the connection does not support them. */
  readonly properties?: MqttProperties | undefined;
  /** The number of rules that it has passed through; 0 or absent for a client's message. */
  readonly hops?: number | undefined;
}

/** How a message of the server itself or of an HTTP client has arrived. */
export type Origin = Pick<Publication, 'via' | 'traceId'>;

/** Properties of an MQTT 5 PUBLISH. */
export interface MqttProperties {
  /** In the order of the packet; a key may occur more than once. */
  readonly userProperties?: readonly { readonly key: string; readonly value: string }[] | undefined;
  /** `true` means UTF-8 text. */
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
  /** Carried as MQTT 5 user property `tripline-hops` when the message returns by a subscription. */
  readonly hops: number;
}

/** Publishes messages of rules: the embedded broker or a connection to an external one. */
export interface Republisher {
  /**
   * Whether published messages return by a subscription, as with an external broker. Otherwise the rule engine passes
   * republished messages to the rules itself, and the broker must not.
   */
  readonly comesBack: boolean;
  /** Whether subscribers get the properties of MQTT 5; they get the message without them otherwise. */
  readonly hasProperties: boolean;
  /**
   * Resolves when the broker has the message; with QoS 1, when it is durable there. Rejects with the reason why it
   * cannot be published; the rule's action has failed then.
   */
  publish(message: Republication): Promise<void>;
}
