import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { pace, percentiles } from './pacer.mjs';

/**
 * Sends BatchPutMessage requests at a constant rate and acts as the queue for their actions; prints percentiles, in
 * milliseconds. `node paced-load.mjs PORT TARGET_PORT REQUESTS_A_SECOND SECONDS MESSAGES_A_REQUEST`
 *
 * - acknowledged: from creating a request to its complete answer, after a warm-up of two seconds;
 * - left: from the acknowledgement of a message to the arrival of its action's request.
 */
const [port, targetPort, rate, seconds, size] = process.argv.slice(2).map(Number);
const WARM_UP = 2 * rate;
const times = [];
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

const load = await pace({
  ...{ port, rate, size, ahead: rate * seconds },
  acknowledged: ({ n, id, made, now }) => {
    if (n >= WARM_UP) times.push(now - made);
    acknowledgedAt.set(id, now);
  },
});
await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
await load.end();
// The last actions are still on their way.
await new Promise((resolve) => setTimeout(resolve, 1000));
const left = [...arrivedAt].flatMap(([id, at]) =>
  acknowledgedAt.has(id) ? [Math.max(0, at - acknowledgedAt.get(id))] : [],
);
console.log(
  JSON.stringify({ acknowledged: percentiles(times), left: percentiles(left), actions: left.length }),
);
process.exit(0);
