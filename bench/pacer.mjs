import { connect } from 'node:net';

/**
 * Sends BatchPutMessage requests at a constant rate over 32 plain sockets, so that the client adds little time. A
 * request that finds no free connection waits for one, and the wait counts.
 *
 * - `rate` requests a second of `size` messages, `most` requests in all, over `keys` motors, each message with a unique
 *   id that begins with `run`; the first message of a request triggers the action of a model that has one.
 * - `ahead` requests are built before the first is sent: building one takes as long as sending it, and the client shares
 *   the processors with the server.
 * - `acknowledged({ n, id, made, now })` is called for each complete answer: the number of the request, the id of its
 *   first message, and when it was made and answered, in milliseconds of `performance.now()`. Throws for any answer but
 *   200.
 *
 * Resolves when all connections are open; `end()` stops sending and resolves when everything is answered.
 */
export async function pace({
  port,
  rate,
  size,
  keys = 1000,
  most = Infinity,
  ahead = 0,
  run = process.pid,
  acknowledged,
}) {
  const idle = [];
  const waiting = [];
  let number = 0;
  let open = 0;
  let ended;

  const built = Array.from({ length: ahead }, (_, n) => build(n));
  for (let count = 0; count < 32; count++) idle.push(await connection());
  const began = performance.now();
  const clock = setInterval(() => {
    const due = Math.min(most, Math.floor(((performance.now() - began) / 1000) * rate));
    while (number < due) send(number++);
  }, 1);
  return {
    end: () => {
      clearInterval(clock);
      return open === 0 ? undefined : new Promise((resolve) => (ended = resolve));
    },
  };

  function build(n) {
    const messages = Array.from({ length: size }, (_, m) => {
      const at = n * size + m;
      const payload = `{"motorid":"motor-${(at * 7919) % keys}","sensorData":{"pressure":${40 + (at % 50)}},"id":"${n}-${m}","act":${m === 0}}`;
      const data = Buffer.from(payload).toString('base64');
      return `{"messageId":"${run}-${n}-${m}","inputName":"PressureInput","payload":"${data}"}`;
    });
    const body = `{"messages":[${messages.join(',')}]}`;
    const head = `POST /inputs/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
    return Buffer.from(head + body);
  }

  function send(n) {
    const request = { n, made: performance.now(), bytes: built[n] ?? build(n) };
    open++;
    const socket = idle.pop();
    if (socket === undefined) waiting.push(request);
    else give(socket, request);
  }

  function give(socket, request) {
    socket.request = request;
    socket.answer = '';
    socket.write(request.bytes);
  }

  function connection() {
    return new Promise((resolve) => {
      const onread = {
        buffer: Buffer.alloc(64 * 1024),
        callback: (length, buffer) => answered(socket, buffer.latin1Slice(0, length)),
      };
      const socket = connect({ host: '127.0.0.1', port, noDelay: true, onread }, () => resolve(socket));
    });
  }

  function answered(socket, text) {
    socket.answer += text;
    if (!isComplete(socket.answer)) return;
    if (!socket.answer.startsWith('HTTP/1.1 200') || !socket.answer.endsWith(NO_ERRORS))
      throw new Error(socket.answer);
    const { made, n } = socket.request;
    acknowledged({ n, id: `${n}-0`, made, now: performance.now() });
    const next = waiting.shift();
    if (next === undefined) idle.push(socket);
    else give(socket, next);
    if (--open === 0) ended?.();
  }
}

/** The end of an answer that names no message. */
const NO_ERRORS = ':[]}';

function isComplete(answer) {
  if (answer.endsWith(NO_ERRORS)) return true;
  const end = answer.indexOf('\r\n\r\n');
  const length = /content-length: (\d+)/i.exec(answer)?.[1];
  return end >= 0 && answer.length >= end + 4 + Number(length);
}

/** The percentiles of the values, which it sorts. */
export function percentiles(values) {
  values.sort((a, b) => a - b);
  const at = (share) => values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999) };
}

/**
 * Counts times, in steps of a hundredth of a millisecond up to a second: sorting those of a minute would stop the client, and
 * all that it has to send, for a tenth of a second.
 */
export class Times {
  #counts = new Uint32Array(STEPS + 1);
  count = 0;

  add(milliseconds) {
    this.#counts[Math.min(STEPS, Math.ceil(milliseconds / STEP))]++;
    this.count++;
  }

  /** As of `percentiles`: no time is longer than the one returned, apart from those beyond a second. */
  get percentiles() {
    return { p50: this.#at(0.5), p99: this.#at(0.99), p999: this.#at(0.999) };
  }

  clear() {
    this.#counts.fill(0);
    this.count = 0;
  }

  #at(share) {
    let left = Math.floor(this.count * share);
    let step = 0;
    while (step < STEPS && left >= this.#counts[step]) left -= this.#counts[step++];
    return step * STEP;
  }
}

/** Milliseconds. */
const STEP = 0.01;
const STEPS = 100_000;
