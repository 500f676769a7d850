import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

/** What the queue service does with a request, by name: it takes it, or fails in one of the ways there are. */
const MOODS = {
  up: (response, body) => take(response, body),
  slow: (response, body) => void setTimeout(() => take(response, body), Math.random() * 300),
  gone: (response) => response.socket.resetAndDestroy(),
  error: (response) => refuse(response, 500, 'InternalFailure'),
  throttled: (response) => refuse(response, 400, 'ThrottlingException'),
  expired: (response) => refuse(response, 403, 'ExpiredTokenException'),
  page: (response) => response.writeHead(404, { 'content-type': 'text/html' }).end('<html>Not here</html>'),
  portal: (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in</html>'),
  cut: (response) => {
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0', 'content-length': '500' });
    response.write('{"MessageId":', () => response.socket.destroy());
  },
  // It has taken it, and nobody hears of that.
  lost: (response) => response.socket.resetAndDestroy(),
};

function take(response, body) {
  const answer = { MessageId: '1', MD5OfMessageBody: createHash('md5').update(body).digest('hex') };
  response.setHeader('content-type', 'application/x-amz-json-1.0').end(JSON.stringify(answer));
}

function refuse(response, status, type) {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-errortype': type });
  response.end(JSON.stringify({ __type: `com.amazonaws.sqs#${type}`, message: type }));
}

/** A queue service with moods. `arrived` gets each body that it takes. */
export async function startTarget(arrived) {
  const target = { mood: 'up', url: '', close: undefined };
  const server = createServer((request, response) => {
    const chunks = [];
    request.on('error', () => {});
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const { MessageBody } = JSON.parse(Buffer.concat(chunks).toString());
      const { mood } = target;
      if (['up', 'slow', 'lost'].includes(mood)) arrived(MessageBody);
      MOODS[mood](response, MessageBody);
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  target.url = `http://127.0.0.1:${server.address().port}`;
  target.close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return target;
}

export const BAD_MOODS = Object.keys(MOODS).filter((mood) => mood !== 'up');
