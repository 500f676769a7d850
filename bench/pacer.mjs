import { connect } from 'node:net';

/**
 * Sends BatchPutMessage requests at a constant rate over 32 plain sockets, so that the client adds little time. A
 * request that finds no free connection waits for one, and the wait counts.
 *
 * - `rate` requests a second of `size` messages, `most` requests in all, over `keys` motors, each message with a unique
 *   id that begins with `run`; the first message of a request triggers the action of a model that has one.
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
  run = process.pid,
  acknowledged,
}) {
  const idle = [];
  const waiting = [];
  let number = 0;
  let open = 0;
  let ended;

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

  function send(n) {
    const ids = Array.from({ length: size }, (_, m) => `${n}-${m}`);
    const messages = ids.map((id, m) => {
      const at = n * size + m;
      const payload = `{"motorid":"motor-${(at * 7919) % keys}","sensorData":{"pressure":${40 + (at % 50)}},"id":"${id}","act":${m === 0}}`;
      const data = Buffer.from(payload).toString('base64');
      return `{"messageId":"${run}-${id}","inputName":"PressureInput","payload":"${data}"}`;
    });
    const body = `{"messages":[${messages.join(',')}]}`;
    const head = `POST /inputs/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
    const request = { text: head + body, made: performance.now(), n, id: ids[0] };
    open++;
    const socket = idle.pop();
    if (socket === undefined) waiting.push(request);
    else give(socket, request);
  }

  function give(socket, request) {
    socket.request = request;
    socket.answer = '';
    socket.write(request.text);
  }

  function connection() {
    return new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(socket));
      socket.setNoDelay(true);
      socket.on('data', (chunk) => {
        socket.answer += chunk.toString('latin1');
        const end = socket.answer.indexOf('\r\n\r\n');
        const length = /content-length: (\d+)/i.exec(socket.answer)?.[1];
        if (end < 0 || socket.answer.length < end + 4 + Number(length)) return;
        if (!socket.answer.startsWith('HTTP/1.1 200') || !socket.answer.endsWith(':[]}'))
          throw new Error(socket.answer);
        const { made, n, id } = socket.request;
        acknowledged({ n, id, made, now: performance.now() });
        const next = waiting.shift();
        if (next === undefined) idle.push(socket);
        else give(socket, next);
        if (--open === 0) ended?.();
      });
    });
  }
}

/** The percentiles of the values, which it sorts. */
export function percentiles(values) {
  values.sort((a, b) => a - b);
  const at = (share) => values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999) };
}
