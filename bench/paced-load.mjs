import { createHash } from 'node:crypto';
import { Agent, createServer, request } from 'node:http';

/**
 * Sends BatchPutMessage requests at a steady rate and is the queue that their actions go to; prints percentiles, in
 * milliseconds. `node paced-load.mjs PORT TARGET_PORT REQUESTS_A_SECOND SECONDS MESSAGES_A_REQUEST`
 *
 * - acknowledged: from when the request was due (not from when it could be sent) to the whole answer;
 * - left: from the acknowledgement of a message to the arrival of its action's request.
 */
const [port, targetPort, rate, seconds, size] = process.argv.slice(2).map(Number);
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
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
  const due = began + (n / rate) * 1000;
  const ids = Array.from({ length: size }, (_, m) => `${n}-${m}`);
  const messages = ids.map((id, m) => {
    const payload = `{"motorid":"motor-${(n * 7919 + m) % 1000}","sensorData":{"pressure":60},"id":"${id}","act":${m === 0}}`;
    const data = Buffer.from(payload).toString('base64');
    return `{"messageId":"${process.pid}-${id}","inputName":"PressureInput","payload":"${data}"}`;
  });
  const body = `{"messages":[${messages.join(',')}]}`;
  open++;
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const options = { port, host: '127.0.0.1', path: '/inputs/messages', method: 'POST', agent, headers };
  const outgoing = request(options, (response) => {
    response.resume();
    response.on('end', () => {
      if (response.statusCode !== 200) throw new Error(`answered with ${response.statusCode}`);
      const now = performance.now();
      acknowledged.push(now - due);
      acknowledgedAt.set(ids[0], now);
      open--;
    });
  });
  outgoing.end(body);
}

function percentiles(values) {
  values.sort((a, b) => a - b);
  const at = (share) => values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
}
