import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { quietLog } from '../../test/support/quiet.ts';
import { openRecipients, readRecipients } from './recipients.ts';

test('a user of a specific identity store has precedence over one of any store', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tripline-recipients-'));
  const path = join(folder, 'recipients.json');
  const list = [
    { userId: 'u', email: 'any@example.com' },
    { userId: 'u', identityStoreId: 'd-1', email: 'one@example.com', phone: '+15550100' },
  ];
  writeFileSync(path, JSON.stringify(list));
  const recipients = openRecipients(path, quietLog);
  expect(recipients.contactOf({ identityStoreId: 'd-1', userId: 'u' })).toEqual({
    email: 'one@example.com',
    phone: '+15550100',
  });
  expect(recipients.contactOf({ identityStoreId: 'd-2', userId: 'u' })).toEqual({ email: 'any@example.com' });
  expect(recipients.contactOf({ identityStoreId: 'd-1', userId: 'v' })).toBeUndefined();
  writeFileSync(path, '[]');
  process.emit('SIGHUP');
  expect(recipients.contactOf({ identityStoreId: 'd-1', userId: 'u' })).toBeUndefined();
  writeFileSync(path, JSON.stringify(list));
  process.emit('SIGHUP');
  writeFileSync(path, 'half of a fi');
  process.emit('SIGHUP');
  expect(recipients.contactOf({ identityStoreId: 'd-2', userId: 'u' })).toEqual({ email: 'any@example.com' });
  recipients.close();
  rmSync(folder, { recursive: true });
});

describe('refused', () => {
  test.each([
    ['{}', 'it is not a JSON list'],
    ['[1]', '[0] is not an object'],
    ['[{"email":"a@example.com"}]', '[0] has no userId'],
    ['[{"userId":"u"}]', '[0] has neither email nor phone'],
    ['[{"userId":"u","email":"nowhere"}]', '[0].email must be an e-mail address'],
    ['[{"userId":"u","phone":"0100"}]', '[0].phone must be a phone number such as +15550100'],
    [
      '[{"userId":"u","mail":"a@example.com"}]',
      '[0].mail is not a member of a recipient; the members are userId',
    ],
  ])('%s', (content, message) => {
    expect(() => readRecipients(content)).toThrow(message);
  });

  test('a missing file', () => {
    expect(() => openRecipients('/nowhere/recipients.json', quietLog)).toThrow(
      '--recipients /nowhere/recipients.json cannot be used',
    );
  });
});
