import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Router } from '../api/router.ts';
import { parseQuery, parseTarget } from '../api/target.ts';
import { OPERATIONS, type Operation } from '../wire/service/table.ts';
import { encode, writeRequest } from './request.ts';

const router = new Router(OPERATIONS);
const operation = (name: string) => OPERATIONS.find((each) => each.name === name) as Operation;

/** The members of a request as the server receives them, after the client's URL class has processed the URL. */
function arrived(name: string, input: Readonly<Record<string, unknown>>) {
  const { method, path, query, body } = writeRequest(operation(name), input);
  const text = query.map(([key, value]) => `${encode(key)}=${encode(value)}`).join('&');
  const url = new URL(`http://host${path}?${text}`);
  const target = parseTarget(url.pathname + url.search);
  const route = router.find(method, target.path);
  return { route, query: parseQuery(target.query), body };
}

const text = fc.string({ unit: 'grapheme', minLength: 1 });

test('any name arrives unchanged, and at its operation', () => {
  fc.assert(
    fc.property(
      text.filter((name) => !/^\.{1,2}$/.test(name)),
      (inputName) => {
        const { route } = arrived('DescribeInput', { inputName });
        expect(route).toMatchObject({ operation: { name: 'DescribeInput' }, path: { inputName } });
      },
    ),
    { numRuns: 1000 },
  );
});

test('any query member arrives unchanged, lists item by item', () => {
  fc.assert(
    fc.property(text, fc.array(text), (resourceArn, tagKeys) => {
      const { query } = arrived('UntagResource', { resourceArn, tagKeys });
      expect(query.get('resourceArn')).toBe(resourceArn);
      expect(query.getAll('tagKeys')).toEqual(tagKeys);
    }),
    { numRuns: 1000 },
  );
});

test('a member is sent under its wire name, and absent members are not sent', () => {
  const { query } = arrived('DescribeDetectorModel', { detectorModelName: 'M', detectorModelVersion: '2' });
  expect([...query]).toEqual([['version', '2']]);
  expect([...arrived('ListInputs', { nextToken: undefined, maxResults: null }).query]).toEqual([]);
});

test.each([
  ['an operation without members in its body has none', 'DeleteInput', { inputName: 'I' }, undefined],
  ['one with optional members only has an empty object', 'ListInputRoutings', {}, '{}'],
  [
    'bytes and text are base64',
    'BatchPutMessage',
    { messages: [{ payload: 'ü' }, { payload: new Uint8Array([0, 255]) }] },
    '{"messages":[{"payload":"w7w="},{"payload":"AP8="}]}',
  ],
  [
    'what the table does not know is not sent',
    'CreateInput',
    { inputName: 'I', other: { a: [1] } },
    '{"inputName":"I"}',
  ],
])('%s', (_what, name, input, body) => {
  expect(arrived(name, input).body).toBe(body);
});
