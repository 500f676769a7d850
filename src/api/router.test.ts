import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OPERATIONS } from '../wire/service/table.ts';
import { Router } from './router.ts';

const router = new Router(OPERATIONS);

describe.each(OPERATIONS.map((operation) => [operation.name, operation] as const))(
  '%s',
  (name, operation) => {
    const members = [...operation.path.matchAll(/{(\w+)}/g)].map(([, member]) => member ?? '');
    const bare = operation.path.replace(/\/$/, '');

    test.each([bare, `${bare}/`])('%s', (template) => {
      const path = template.replace(/{\w+}/g, 'a%20b%2Fc');
      const found = router.find(operation.method, path);
      expect(found.operation?.name).toBe(name);
      expect(found).toHaveProperty('path', Object.fromEntries(members.map((member) => [member, 'a b/c'])));
    });

    test('another method is not allowed', () => {
      const path = bare.replace(/{\w+}/g, 'x');
      const found = router.find('PATCH', path);
      expect(found.operation).toBeUndefined();
      expect(found).toHaveProperty('allowed', expect.arrayContaining([operation.method]));
    });
  },
);

test.each([
  ['POST', '/inputs/messages', 'BatchPutMessage'],
  ['PUT', '/inputs/messages', 'UpdateInput'],
  ['GET', '/inputs/messages', 'DescribeInput'],
  ['POST', '/detectors/delete', 'BatchDeleteDetector'],
  ['GET', '/detectors/delete', 'ListDetectors'],
  ['POST', '/alarms/reset', 'BatchResetAlarm'],
  ['GET', '/alarms/reset', 'ListAlarms'],
])('a literal path takes precedence over a template: %s %s is %s', (method, path, name) => {
  expect(router.find(method, path).operation?.name).toBe(name);
});

test.each([
  ['POST', '/inputs/messages', true],
  ['POST', '/inputs/messages/', true],
  ['PUT', '/inputs/messages', false],
  ['GET', '/inputs', true],
  ['GET', '/inputs/a', false],
  ['GET', '/_tripline/actions', false],
  ['GET', '/console/', false],
])('%s %s is certainly an operation: %j', (method, path, isOwn) => {
  expect(router.owns(method, path)).toBe(isOwn);
});

test.each(['/', '', '/input', '/Inputs', '/inputs//', '//inputs', '/inputs/a/b', '*'])(
  '%j with GET is no operation',
  (path) => {
    const found = router.find('GET', path);
    // The reader refuses an empty name; the path must never be taken for a list operation.
    if (found.operation !== undefined) expect(found.path).toEqual({ inputName: '' });
    else expect(found.allowed).toEqual([]);
  },
);

test.each(['%', '%zz', '%ff', '%c3%28'])('%s in the path is refused', (segment) => {
  expect(() => router.find('GET', `/inputs/${segment}`)).toThrow(/percent-encoded UTF-8/);
});

test('any name is decoded as it was encoded', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (name) => {
      const found = router.find('GET', `/inputs/${encodeURIComponent(name)}`);
      // Also `.` and `..`, which no client encodes: a path is not a file name.
      expect(found).toHaveProperty('path', { inputName: name });
    }),
  );
});
