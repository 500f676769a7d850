import { readFileSync } from 'node:fs';
import type { Contact } from '../core/action/index.ts';
import type { Identity } from '../core/alarm/types.ts';
import { fileTrouble } from '../load/file-trouble.ts';
import type { Log } from '../runtime/log.ts';
import { UsageError } from './usage-error.ts';
import { watchFiles } from './watched-files.ts';

export interface Recipients {
  contactOf(identity: Identity): Contact | undefined;
  close(): void;
}

/**
 * Opens `--recipients`: JSON with the addresses of the users that alarm notifications go to, in place of AWS IAM Identity
 * Center.
 *
 *     [{"userId":"…","identityStoreId":"d-…","email":"…","phone":"+15550100"}]
 *
 * Without `identityStoreId` the entry applies to every identity store. The file is read again when it changes. Throws
 * UsageError when it cannot be used.
 */
export function openRecipients(path: string | undefined, log: Log): Recipients {
  if (path === undefined) return { contactOf: () => undefined, close: () => {} };
  let contacts: ReadonlyMap<string, Contact>;
  try {
    contacts = readRecipients(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`--recipients ${path} cannot be used: ${fileTrouble(error)}`, { cause: error });
  }
  const close = watchFiles(
    [path],
    ([content = '']) => {
      contacts = readRecipients(content);
      log.info({ path, recipients: contacts.size }, 'recipients were read again');
    },
    (err) =>
      log.error({ err, path }, 'the recipients file cannot be used; the previous recipients stay in force'),
  );
  return {
    contactOf: ({ identityStoreId, userId = '' }) =>
      contacts.get(`${identityStoreId}/${userId}`) ?? contacts.get(`/${userId}`),
    close,
  };
}

const MEMBERS = ['userId', 'identityStoreId', 'email', 'phone'];
const PATTERNS: Readonly<Record<string, readonly [RegExp, string]>> = {
  email: [/^[^\s@]+@[^\s@]+$/, 'an e-mail address'],
  phone: [/^\+[1-9]\d{1,14}$/, 'a phone number such as +15550100'],
};

/** By `identityStoreId/userId`. Throws an Error that names the entry. */
export function readRecipients(content: string): ReadonlyMap<string, Contact> {
  const list: unknown = JSON.parse(content);
  if (!Array.isArray(list)) throw new Error('it is not a JSON list');
  return new Map(list.map((entry: unknown, index) => readRecipient(entry, `[${index}]`)));
}

function readRecipient(entry: unknown, place: string): readonly [string, Contact] {
  if (typeof entry !== 'object' || entry === null) throw new Error(`${place} is not an object`);
  for (const [member, value] of Object.entries(entry)) {
    if (!MEMBERS.includes(member))
      throw new Error(
        `${place}.${member} is not a member of a recipient; the members are ${MEMBERS.join(', ')}`,
      );
    const [pattern, expected] = PATTERNS[member] ?? [/./, 'a text'];
    if (typeof value !== 'string' || !pattern.test(value))
      throw new Error(`${place}.${member} must be ${expected}`);
  }
  const { userId, identityStoreId = '', email, phone } = entry as Readonly<Record<string, string>>;
  if (userId === undefined) throw new Error(`${place} has no userId`);
  if (email === undefined && phone === undefined) throw new Error(`${place} has neither email nor phone`);
  const contact = { ...(email !== undefined && { email }), ...(phone !== undefined && { phone }) };
  return [`${identityStoreId}/${userId}`, contact];
}
