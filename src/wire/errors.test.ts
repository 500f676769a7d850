import { expect, test } from 'vitest';
import { ERRORS, type ErrorName, FRONT_END_ERRORS, invalid, ServiceError } from './errors.ts';
import { OPERATIONS } from './service/table.ts';

test('the service has nine exceptions, and its operations use no others', () => {
  expect(Object.keys(ERRORS)).toHaveLength(9);
  expect(new Set(OPERATIONS.flatMap(({ errors }) => errors))).toEqual(new Set(Object.keys(ERRORS)));
});

test.each(Object.entries({ ...ERRORS, ...FRONT_END_ERRORS }))('%s has status %d', (code, status) => {
  const error = new ServiceError(code as ErrorName, 'Why', { resourceId: 'id' });
  expect(error).toMatchObject({ code, status, message: 'Why', members: { resourceId: 'id' } });
});

test('invalid makes an InvalidRequestException', () => {
  expect(invalid('Why')).toMatchObject({ code: 'InvalidRequestException', status: 400, members: {} });
});
