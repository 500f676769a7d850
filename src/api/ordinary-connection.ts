import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Answer } from './answering.ts';
import { type OrdinaryHead, type RequestLimits, readOrdinary } from './ordinary-request.ts';

/** Answers whole requests without Node's request and response objects. */
export interface DirectAnswers {
  takes(method: string, path: string): boolean;
  /** Must not reject. */
  answer(request: OrdinaryHead, body: Buffer): Promise<Answer>;
}

export interface ConnectionOptions {
  readonly direct: DirectAnswers;
  readonly limits: RequestLimits;
  /** Milliseconds until the first request. */
  readonly firstTimeout: number;
  /** Milliseconds between an answer and the next request. */
  readonly idleTimeout: number;
  /** Takes the connection over, with everything that is not answered yet. */
  readonly handOver: (socket: Socket) => void;
  /** The first request has not come in time. */
  readonly onLate: (socket: Socket) => void;
  /** The connection has ended or is handed over. */
  readonly onGone: (connection: OrdinaryConnection) => void;
}

/**
 * A connection as long as it carries ordinary requests, one at a time. From the first chunk on that is anything else, or
 * that comes before its predecessor is answered, the connection belongs to Node's HTTP server, which reads that chunk
 * as if it were the first.
 */
export class OrdinaryConnection {
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  /** Of the last request that was taken. */
  #head: OrdinaryHead | undefined;
  #isAnswering = false;
  /** Something has come before the answer. */
  #isAhead = false;
  #hasEnded = false;
  #hasAnswered = false;
  #isClosing = false;

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.setTimeout(options.firstTimeout);
    for (const [event, listener] of this.#listeners) socket.on(event, listener);
  }

  /** Ends the connection, after the answer that is under way. */
  close(): void {
    this.#isClosing = true;
    if (!this.#isAnswering) this.#socket.destroy();
  }

  readonly #listeners: readonly (readonly [string, (chunk: Buffer) => void])[] = [
    ['data', (chunk) => this.#take(chunk)],
    ['end', () => this.#end()],
    ['timeout', () => this.#timeOut()],
    // Node closes the socket. What it has sent is evaluated nevertheless; only its answer has no reader.
    ['error', () => {}],
    ['close', () => this.#options.onGone(this)],
  ];

  #take(chunk: Buffer): void {
    if (this.#isAnswering) {
      this.#isAhead = true;
      this.#putBack(chunk);
      return;
    }
    const { direct, limits } = this.#options;
    const request = readOrdinary(chunk, this.#socket, limits, this.#head);
    if (request === undefined || !this.#takes(request.head)) {
      this.#putBack(chunk);
      this.#handOver();
      return;
    }
    this.#isAnswering = true;
    this.#head = request.head;
    direct.answer(request.head, request.body).then((answer) => this.#answer(answer));
  }

  #takes(head: OrdinaryHead): boolean {
    return head === this.#head || this.#options.direct.takes(head.method, head.target.path);
  }

  #answer(answer: Answer): void {
    this.#isAnswering = false;
    const socket = this.#socket;
    if (socket.destroyed) return;
    const isLast = this.#isClosing || this.#hasEnded;
    const isTaken = socket.write(encode(answer, isLast, this.#options.idleTimeout));
    if (isLast) socket.end();
    else if (this.#isAhead) this.#handOver();
    else if (!isTaken) {
      // Nothing more is read from a client that does not read its answers.
      socket.pause();
      socket.once('drain', () => socket.resume());
    }
    if (this.#hasAnswered) return;
    this.#hasAnswered = true;
    if (!this.#isAhead) socket.setTimeout(this.#options.idleTimeout);
  }

  #putBack(chunk: Buffer): void {
    // Paused first, otherwise it would come again at once.
    this.#socket.pause();
    this.#socket.unshift(chunk);
  }

  #handOver(): void {
    const { handOver, onGone } = this.#options;
    const socket = this.#socket;
    for (const [event, listener] of this.#listeners) socket.off(event, listener);
    socket.setTimeout(0);
    onGone(this);
    handOver(socket);
    socket.resume();
  }

  #end(): void {
    this.#hasEnded = true;
    if (!this.#isAnswering) this.#socket.end();
  }

  #timeOut(): void {
    if (this.#isAnswering) return;
    if (this.#hasAnswered) this.#socket.destroy();
    else this.#options.onLate(this.#socket);
  }
}

/** The bytes of an answer, as text, as Node's HTTP server writes them. */
function encode({ status, headers, text = '' }: Answer, isLast: boolean, idleTimeout: number): string {
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`;
  for (const name in headers) head += `${name}: ${headers[name]}\r\n`;
  const connection = isLast ? 'close' : `keep-alive\r\nKeep-Alive: timeout=${idleTimeout / 1000}`;
  return `${head}Date: ${date()}\r\nConnection: ${connection}\r\n\r\n${text}`;
}

/** The current time in the form of HTTP; made once a second. */
function date(): string {
  const second = Math.floor(Date.now() / 1000);
  if (second !== latest.second) latest = { second, text: new Date(second * 1000).toUTCString() };
  return latest.text;
}

let latest = { second: 0, text: '' };
