import autocannon from 'autocannon';

/** Sends BatchPutMessage requests of ten messages, each with an id of its own, over 1,000 keys; prints one line. */
const [port, seconds, round] = process.argv.slice(2).map(Number);
let request = 0;
const result = await autocannon({
  url: `http://127.0.0.1:${port}/inputs/messages`,
  connections: 32,
  duration: seconds,
  requests: [
    {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      setupRequest: (options) => ({ ...options, body: nextBody() }),
    },
  ],
});
if (result.non2xx > 0 || result.errors > 0)
  throw new Error(`${result.non2xx} refused, ${result.errors} failed`);
process.stdout.write(
  JSON.stringify({ messages: (result['2xx'] * 10) / result.duration, p99: result.latency.p99 }),
);

function nextBody() {
  const batch = request++;
  const messages = Array.from({ length: 10 }, (_, n) => {
    const number = batch * 10 + n;
    const payload = `{"motorid":"motor-${(number * 7919) % 1000}","sensorData":{"pressure":${40 + (number % 50)},"temperature":39.5}}`;
    const data = Buffer.from(payload).toString('base64');
    return `{"messageId":"r${round}-${process.pid}-${number}","inputName":"PressureInput","payload":"${data}"}`;
  });
  return `{"messages":[${messages.join(',')}]}`;
}
