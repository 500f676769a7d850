import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

/*
 * A minimal SQS and DynamoDB: accepts each request with a correct answer, in a separate process. It counts requests by
 * queue or table; `GET /counts` returns the counts, `POST /down?queue=NAME` makes it refuse that queue until `POST
 * /up`.
 */
const port = Number(process.argv[2]);
const counts = new Map();
const order = new Map();
let down;
let outOfOrder = 0;
/** Milliseconds from the time in a body of the form `@time` to its arrival. */
const latencies = [];

createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const url = new URL(request.url, 'http://localhost');
    if (url.pathname === '/counts')
      return answer(response, 200, { counts: Object.fromEntries(counts), outOfOrder });
    if (url.pathname === '/latencies') return answer(response, 200, latencies.splice(0));
    if (url.pathname === '/down') {
      down = url.searchParams.get('queue');
      return answer(response, 200, {});
    }
    if (url.pathname === '/up') {
      down = undefined;
      return answer(response, 200, {});
    }
    const input = JSON.parse(Buffer.concat(chunks).toString());
    const name = input.TableName ?? input.QueueUrl;
    if (down !== undefined && name.endsWith(down)) {
      return answer(response, 503, { __type: 'ServiceUnavailable', message: 'down' });
    }
    counts.set(name, (counts.get(name) ?? 0) + 1);
    if (input.MessageBody === undefined) return answer(response, 200, {});
    note(input.MessageBody);
    const MD5OfMessageBody = createHash('md5').update(input.MessageBody).digest('hex');
    answer(response, 200, { MessageId: '1', MD5OfMessageBody });
  });
}).listen(port, '127.0.0.1');

/** Bodies of the form `key number` must arrive with increasing numbers for each key. */
function note(body) {
  if (body.startsWith('@')) {
    latencies.push(Date.now() - Number(body.slice(1)));
    return;
  }
  const [key, number] = body.split(' ');
  if (number === undefined || Number.isNaN(Number(number))) return;
  if (Number(number) <= (order.get(key) ?? 0)) outOfOrder++;
  else order.set(key, Number(number));
}

function answer(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
}
