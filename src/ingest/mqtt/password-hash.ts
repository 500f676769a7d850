import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import bcrypt from 'bcryptjs';

/** Parameters of scrypt: about 50 ms and 16 MiB for each password. */
const COST = { ln: 14, r: 8, p: 1 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Maximum bytes of memory for verifying a hash from the file. */
const MOST_MEMORY = 128 * 1024 * 1024;

/** bcrypt: `$2b$10$…`, 22 characters of salt and 31 of hash. PHP and htpasswd write `2y`, which means the same. */
const BCRYPT = /^\$2[aby]\$(\d{2})\$[./A-Za-z0-9]{53}$/;
/** Each round doubles the time; 12 rounds take a third of a second on the main thread. */
const MOST_ROUNDS = 12;
/** Bytes of a password that bcrypt uses. */
const BCRYPT_BYTES = 72;

const FORMAT =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

interface ParsedHash {
  readonly options: ScryptOptions;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/**
 * The hash of a password in the format of the `devices` file: `$scrypt$ln=14,r=8,p=1$<salt>$<hash>`, base64 without
 * `=`.
 */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const { ln, r, p } = COST;
  const hash = await derive(Buffer.from(password), salt, HASH_BYTES, optionsOf(ln, r, p));
  return `$scrypt$ln=${ln},r=${r},p=${p}$${encode(salt)}$${encode(hash)}`;
}

/** Whether the password matches the hash, of scrypt or bcrypt. Rejects when it is not a hash. */
export async function verifyPassword(password: Buffer, hashed: string): Promise<boolean> {
  if (BCRYPT.test(hashed)) {
    // bcrypt would accept a longer password whose beginning matches.
    if (password.length > BCRYPT_BYTES) return false;
    return oneByOne(() => bcrypt.compare(password.toString('utf8'), hashed));
  }
  const { salt, hash, options } = parse(hashed);
  return timingSafeEqual(await derive(password, salt, hash.length, options), hash);
}

let last: Promise<unknown> = Promise.resolve();

/** Unlike scrypt, bcrypt runs on this thread, in slices, so only one runs at a time. */
function oneByOne<T>(run: () => Promise<T>): Promise<T> {
  const done = last.then(run);
  last = done.catch(() => {});
  return done;
}

/** Throws an Error that says what is wrong with a hash. */
export function checkHash(hashed: string): void {
  const rounds = BCRYPT.exec(hashed)?.[1];
  if (rounds === undefined) parse(hashed);
  else if (Number(rounds) < 4 || Number(rounds) > MOST_ROUNDS)
    throw new Error(
      `the bcrypt hash of its password has a cost of ${rounds}; 4 to ${MOST_ROUNDS} are allowed`,
    );
}

function parse(hashed: string): ParsedHash {
  const [, ln, r, p, salt = '', hash = ''] = FORMAT.exec(hashed) ?? [];
  if (hash === '')
    throw new Error(
      'its password is not a hash such as $scrypt$ln=14,r=8,p=1$… or $2b$10$…; make one with "tripline devices"',
    );
  const options = optionsOf(Number(ln), Number(r), Number(p));
  if (options.maxmem > MOST_MEMORY) throw new Error('the hash of its password would need too much memory');
  return { options, salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') };
}

function optionsOf(ln: number, r: number, p: number): ScryptOptions & { readonly maxmem: number } {
  const N = 2 ** ln;
  return { N, r, p, maxmem: 128 * N * r + 128 * r * p + 1024 * 1024 };
}

function derive(password: Buffer, salt: Buffer, length: number, options: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, length, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

function encode(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
