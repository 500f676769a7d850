import { isUtf8 } from 'node:buffer';
import { type Message, Payload } from '../sql/index.ts';
import type { Publication } from './publication.ts';

/** Information for statement functions beside the message itself. */
export interface MessageContext {
  readonly accountId: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly newUuid: () => string;
  readonly random: () => number;
}

/** A publication as statements see it. */
export class PublishedMessage implements Message {
  readonly publication: Publication;
  readonly payload: Payload;
  /** Without the Basic Ingest prefix. */
  readonly topic: string;
  readonly now: number;
  readonly #context: MessageContext;
  #trace: string | undefined;

  constructor(publication: Publication, topic: string, context: MessageContext) {
    const { payload } = publication;
    this.publication = publication;
    this.payload = new Payload(payload, isUtf8(payload) ? payload.toString('utf8') : undefined);
    this.topic = topic;
    this.now = context.now();
    this.#context = context;
    this.#trace = publication.traceId;
  }

  /** The message's id in logs and failures. */
  get trace(): string {
    this.#trace ??= this.#context.newUuid();
    return this.#trace;
  }

  get traceId(): string | undefined {
    return this.publication.via === 'mqtt' ? this.trace : undefined;
  }

  get clientId(): string | undefined {
    return this.publication.via === 'mqtt' ? this.publication.clientId : undefined;
  }

  get principal(): string | undefined {
    return this.publication.principal;
  }

  get sourceIp(): string | undefined {
    return this.publication.sourceIp;
  }

  get properties(): Publication['properties'] {
    return this.publication.properties;
  }

  get accountId(): string {
    return this.#context.accountId;
  }

  newUuid(): string {
    return this.#context.newUuid();
  }

  random(): number {
    return this.#context.random();
  }
}
