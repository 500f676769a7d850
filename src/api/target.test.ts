import { expect, test } from 'vitest';
import { parseQuery, parseTarget } from './target.ts';

test.each([
  ['/inputs', '/inputs', ''],
  ['/inputs?', '/inputs', ''],
  ['/inputs?a=1?b', '/inputs', 'a=1?b'],
  ['http://127.0.0.1:9470/inputs?a=1', '/inputs', 'a=1'],
  ['HTTPS://host', '/', ''],
  ['http://host?a=1', '/', 'a=1'],
  ['', '/', ''],
  ['*', '*', ''],
  ['//inputs', '//inputs', ''],
])('%j is path %j and query %j', (url, path, query) => {
  expect(parseTarget(url)).toEqual({ path, query });
});

test('query parameters may repeat', () => {
  const query = parseQuery('tagKeys=a&tagKeys=b%20c&tagKeys=d+e&resourceArn=arn%3Aaws');
  expect(query.getAll('tagKeys')).toEqual(['a', 'b c', 'd e']);
  expect(query.get('resourceArn')).toBe('arn:aws');
});

test.each(['a=%', 'a=%zz', 'a=%ff', '%c3=1'])('%s is refused', (query) => {
  expect(() => parseQuery(query)).toThrow('The query is not percent-encoded UTF-8');
});
