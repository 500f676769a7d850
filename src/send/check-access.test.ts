import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { checkAccess } from './check-access.ts';

/* Runs the AWS clients against a server that answers like the services. */

const topic = (name: string) => `arn:aws:sns:us-east-1:000000000000:${name}`;
const failure = (code: string) =>
  `<ErrorResponse><Error><Code>${code}</Code><Message>no</Message></Error></ErrorResponse>`;
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk: Buffer) => {
    body += chunk.toString();
  });
  request.on('end', () => {
    if (request.url?.startsWith('/properties/latest')) {
      const isThere = request.url.includes('pump');
      response.writeHead(isThere ? 200 : 404, {
        'content-type': 'application/json',
        ...(!isThere && { 'x-amzn-errortype': 'ResourceNotFoundException' }),
      });
      response.end(isThere ? '{}' : '{"message":"no property"}');
    } else if (request.url?.includes('/functions/')) response.writeHead(204).end();
    else if (body.includes('there')) {
      response.end('<GetTopicAttributesResponse><GetTopicAttributesResult/></GetTopicAttributesResponse>');
    } else if (body.includes('gone')) response.writeHead(404).end(failure('NotFound'));
    else if (body.includes('TableName')) {
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(
        JSON.stringify({ __type: 'com.amazonaws#ResourceNotFoundException', message: 'no table' }),
      );
    } else response.writeHead(403).end(failure('AuthorizationError'));
  });
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
});
afterAll(() => {
  vi.unstubAllEnvs();
  server.close();
});

test.each([
  ['sns', topic('there'), 'reachable'],
  ['sns', topic('gone'), 'absent'],
  ['sns', topic('secret'), 'denied'],
  ['lambda', 'arn:aws:lambda:us-east-1:000000000000:function:f', 'reachable'],
  ['dynamoDBv2', "'readings'", 'absent'],
  ['dynamoDB', '$input.Reading.table', 'unknown'],
  ['sns', 'unresolved(Topic)', 'unknown'],
  ['iotSiteWise', "'/plant/pump'", 'reachable'],
  ['iotSiteWise', "'/plant/nowhere'", 'absent'],
  ['iotSiteWise', "'/plant/${$input.Reading.id}'", 'unknown'],
  ['iotTopicPublish', 'a/b', 'local'],
  ['iotEvents', 'Reading', 'local'],
])('%s %s is %s', async (type, target, status) => {
  expect(await checkAccess(type, target, 'us-east-1')).toMatchObject({ status });
});
