import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { canonicalRequest, sha256 } from './canonical-request.ts';
import { hmac, SigningKeys } from './signing-key.ts';

/** The applicable requests of AWS's public signing test suite, with their correct signatures. */
interface Vector {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  readonly signedHeaders: string;
  readonly signature: string;
}

const vectors = JSON.parse(readFileSync(new URL('vectors.json', import.meta.url), 'utf8')) as Vector[];
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const keys = new SigningKeys();

test('the suite is not empty', () => expect(vectors.length).toBeGreaterThanOrEqual(25));

test.each(vectors)('$name', ({ method, path, query, headers, body, signedHeaders, signature }) => {
  const values: Record<string, string[]> = {};
  for (const [name, value] of headers) values[name] = [...(values[name] ?? []), value];
  const canonical = canonicalRequest({
    ...{ method, path, query: new URLSearchParams(query), headers: values },
    signedHeaders: signedHeaders.split(';'),
    bodyHash: sha256(body),
  });
  const scope = '20150830/us-east-1/service/aws4_request';
  const text = `AWS4-HMAC-SHA256\n20150830T123600Z\n${scope}\n${sha256(canonical)}`;
  const key = keys.get(SECRET, '20150830', 'us-east-1', 'service');
  expect(hmac(key, text).toString('hex')).toBe(signature);
});
