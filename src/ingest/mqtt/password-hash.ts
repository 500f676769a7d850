import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

/** Parameters of scrypt: about 50 ms and 16 MiB a password. */
const COST = { ln: 14, r: 8, p: 1 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Bytes of memory that a hash from a file may take. */
const MOST_MEMORY = 128 * 1024 * 1024;

const FORMAT =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

interface ParsedHash {
  readonly options: ScryptOptions;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** The hash of a password as the `devices` file holds it: `$scrypt$ln=14,r=8,p=1$<salt>$<hash>`, base64 without `=`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const { ln, r, p } = COST;
  const hash = await derive(Buffer.from(password), salt, HASH_BYTES, optionsOf(ln, r, p));
  return `$scrypt$ln=${ln},r=${r},p=${p}$${encode(salt)}$${encode(hash)}`;
}

/** Whether the password is the one of that hash. Rejects for what is not a hash. */
export async function verifyPassword(password: Buffer, hashed: string): Promise<boolean> {
  const { salt, hash, options } = parse(hashed);
  return timingSafeEqual(await derive(password, salt, hash.length, options), hash);
}

/** Throws Error that says what is wrong with a hash. */
export function checkHash(hashed: string): void {
  parse(hashed);
}

function parse(hashed: string): ParsedHash {
  const [, ln, r, p, salt = '', hash = ''] = FORMAT.exec(hashed) ?? [];
  if (hash === '')
    throw new Error(
      'its password is not a hash such as $scrypt$ln=14,r=8,p=1$…; make one with "tripline devices"',
    );
  const options = optionsOf(Number(ln), Number(r), Number(p));
  if (options.maxmem > MOST_MEMORY) throw new Error('the hash of its password takes too much memory');
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
