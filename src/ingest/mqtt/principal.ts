/** Whoever a client has proved to be, and what it may do. What it may may change while it is connected. */
export interface Principal {
  /** What lifecycle events call it: the certificate's thumbprint, or the user name, or the empty string. */
  readonly identifier: string;
  /** SHA-256 thumbprint of the client certificate in hexadecimal; undefined for every other credential. */
  readonly thumbprint: string | undefined;
  /** False when the credential has been removed or changed; the connection ends then. */
  isValid(): boolean;
  mayConnect(clientId: string): boolean;
  mayPublish(topic: string, clientId: string): boolean;
  maySubscribe(filter: string, clientId: string): boolean;
  /** Whether a message of a topic may be sent to the client. */
  mayReceive(topic: string, clientId: string): boolean;
}

/** What a client proves itself with. */
export interface Credentials {
  readonly clientId: string;
  readonly username: string | undefined;
  readonly password: Buffer | undefined;
  /** DER of the client certificate that the TLS connection has verified. */
  readonly certificate: Buffer | undefined;
  /** Whether the connection is encrypted. */
  readonly isEncrypted: boolean;
}

/** Tells who a client is; resolves with undefined for credentials that are not valid. */
export type Authenticate = (credentials: Credentials) => Promise<Principal | undefined>;

/** Everybody, where no credentials are asked for. */
export const ANONYMOUS: Principal = {
  identifier: '',
  thumbprint: undefined,
  isValid: () => true,
  mayConnect: () => true,
  mayPublish: () => true,
  maySubscribe: () => true,
  mayReceive: () => true,
};
