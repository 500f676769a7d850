import autocannon from 'autocannon';

/**
 * As fast as it goes over 32 connections, on 1,000 motors, each message with an id of its own; prints one line.
 *
 *     node load.mjs PORT SECONDS ROUND [batch|single|plain|restate]
 *
 * `batch`: BatchPutMessage of ten; `single`: of one; `plain`: the message itself; `restate`: to a virtual object.
 */
const [port, seconds, round] = process.argv.slice(2, 5).map(Number);
const kind = process.argv[5] ?? 'batch';
const perRequest = kind === 'batch' ? 10 : 1;
let request = 0;
const result = await autocannon({
  url: `http://127.0.0.1:${port}`,
  connections: 32,
  duration: seconds,
  requests: [
    {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      setupRequest: (options) => ({ ...options, ...next() }),
    },
  ],
});
if (result.non2xx > 0 || result.errors > 0)
  throw new Error(`${result.non2xx} refused, ${result.errors} failed`);
process.stdout.write(
  JSON.stringify({ messages: (result['2xx'] * perRequest) / result.duration, p99: result.latency.p99 }),
);

function next() {
  const batch = request++;
  if (kind === 'plain') return { path: '/message', body: message(batch) };
  if (kind === 'restate') return { path: `/motor/${motor(batch)}/message`, body: message(batch) };
  const messages = Array.from({ length: perRequest }, (_, n) => {
    const number = batch * perRequest + n;
    const data = Buffer.from(message(number)).toString('base64');
    return `{"messageId":"r${round}-${process.pid}-${number}","inputName":"PressureInput","payload":"${data}"}`;
  });
  return { path: '/inputs/messages', body: `{"messages":[${messages.join(',')}]}` };
}

function message(number) {
  const pressure = 40 + (number % 50);
  return `{"motorid":"${motor(number)}","sensorData":{"pressure":${pressure},"temperature":39.5}}`;
}

function motor(number) {
  return `motor-${(number * 7919) % 1000}`;
}
