/** The verified identity of a client and its permissions, which may change while it is connected. */
export interface Principal {
  /** The name in lifecycle events: the certificate's thumbprint, the user name, or an empty string. */
  readonly identifier: string;
  /** SHA-256 thumbprint of the client certificate in hexadecimal; undefined for any other credential. */
  readonly thumbprint: string | undefined;
  /** False when the credential has been removed or changed; the connection is closed then. */
  isValid(): boolean;
  mayConnect(clientId: string): boolean;
  mayPublish(topic: string, clientId: string): boolean;
  maySubscribe(filter: string, clientId: string): boolean;
  /** Whether a message on the topic may be sent to the client. */
  mayReceive(topic: string, clientId: string): boolean;
}

/** The credentials that a client presents. */
export interface Credentials {
  readonly clientId: string;
  readonly username: string | undefined;
  readonly password: Buffer | undefined;
  /** DER of the client certificate, verified by TLS. */
  readonly certificate: Buffer | undefined;
  /** Whether the connection is encrypted. */
  readonly isEncrypted: boolean;
}

/** Identifies a client; resolves with undefined for invalid credentials. */
export type Authenticate = (credentials: Credentials) => Promise<Principal | undefined>;

/** Used for every client when no credentials are required. */
export const ANONYMOUS: Principal = {
  identifier: '',
  thumbprint: undefined,
  isValid: () => true,
  mayConnect: () => true,
  mayPublish: () => true,
  maySubscribe: () => true,
  mayReceive: () => true,
};
