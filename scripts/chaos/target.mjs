import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

/** The reactions of the queue service to a request, by name: it accepts it, or fails in one of several ways. */
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
  // Accepts the request, but the answer is lost.
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

/** A queue service with selectable failures. `arrived` is called with each accepted body. */
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
