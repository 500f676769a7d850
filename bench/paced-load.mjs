import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { connect } from 'node:net';

/**
 * Sends BatchPutMessage requests at a steady rate and is the queue that their actions go to; prints percentiles, in
 * milliseconds. `node paced-load.mjs PORT TARGET_PORT REQUESTS_A_SECOND SECONDS MESSAGES_A_REQUEST`
 *
 * - acknowledged: from when a request was made (it may then wait for a connection) to the whole answer, after a warm-up of
 *   two seconds; over plain sockets, so that the client adds little of its own;
 * - left: from the acknowledgement of a message to the arrival of its action's request.
 */
const [port, targetPort, rate, seconds, size] = process.argv.slice(2).map(Number);
const CONNECTIONS = 32;
const WARM_UP = 2 * rate;
const idle = [];
const waiting = [];
const acknowledged = [];
const acknowledgedAt = new Map();
const arrivedAt = new Map();

const target = createServer((incoming, response) => {
  const chunks = [];
  incoming.on('data', (chunk) => chunks.push(chunk));
  incoming.on('end', () => {
    const now = performance.now();
    const { MessageBody } = JSON.parse(Buffer.concat(chunks).toString());
    arrivedAt.set(MessageBody, now);
    const MD5OfMessageBody = createHash('md5').update(MessageBody).digest('hex');
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify({ MessageId: '1', MD5OfMessageBody }));
  });
});
await new Promise((resolve) => target.listen(targetPort, '127.0.0.1', resolve));

for (let n = 0; n < CONNECTIONS; n++) idle.push(await makeConnection());
const total = rate * seconds;
let number = 0;
let open = 0;
const began = performance.now();
await new Promise((resolve) => {
  const pace = setInterval(() => {
    const due = Math.min(total, Math.floor(((performance.now() - began) / 1000) * rate));
    while (number < due) send(number++);
    if (number >= total && open === 0) {
      clearInterval(pace);
      resolve();
    }
  }, 1);
});
// The last actions are still on their way.
await new Promise((resolve) => setTimeout(resolve, 1000));
const left = [...arrivedAt].flatMap(([id, at]) =>
  acknowledgedAt.has(id) ? [Math.max(0, at - acknowledgedAt.get(id))] : [],
);
console.log(
  JSON.stringify({ acknowledged: percentiles(acknowledged), left: percentiles(left), actions: left.length }),
);
process.exit(0);

function send(n) {
  const ids = Array.from({ length: size }, (_, m) => `${n}-${m}`);
  const messages = ids.map((id, m) => {
    const payload = `{"motorid":"motor-${(n * 7919 + m) % 1000}","sensorData":{"pressure":60},"id":"${id}","act":${m === 0}}`;
    const data = Buffer.from(payload).toString('base64');
    return `{"messageId":"${process.pid}-${id}","inputName":"PressureInput","payload":"${data}"}`;
  });
  const body = `{"messages":[${messages.join(',')}]}`;
  open++;
  const head = `POST /inputs/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
  const job = { text: head + body, made: performance.now(), n, id: ids[0] };
  const socket = idle.pop();
  if (socket === undefined) waiting.push(job);
  else give(socket, job);
}

function give(socket, job) {
  socket.job = job;
  socket.answer = '';
  socket.write(job.text);
}

function makeConnection() {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      socket.answer += chunk.toString('latin1');
      const end = socket.answer.indexOf('\r\n\r\n');
      const length = /content-length: (\d+)/i.exec(socket.answer)?.[1];
      if (end < 0 || socket.answer.length < end + 4 + Number(length)) return;
      if (!socket.answer.startsWith('HTTP/1.1 200')) throw new Error(socket.answer);
      const { made, n, id } = socket.job;
      const now = performance.now();
      if (n >= WARM_UP) acknowledged.push(now - made);
      acknowledgedAt.set(id, now);
      open--;
      const next = waiting.shift();
      if (next === undefined) idle.push(socket);
      else give(socket, next);
    });
  });
}

function percentiles(values) {
  values.sort((a, b) => a - b);
  const at = (share) => values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999) };
}
