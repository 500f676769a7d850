import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { authorization } from './sign.ts';

/** The vectors that the server's own check is tested with. */
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

const file = new URL('../../../src/api/auth/vectors.json', import.meta.url);
const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vector[];
const KEY = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };

/** Those that the console may send: each header once and signed, and a path as the browser writes it. */
const sendable = vectors.filter(
  ({ headers, path, signedHeaders }) =>
    headers
      .map(([name]) => name.toLowerCase())
      .sort()
      .join(';') === signedHeaders && !/%|\/\/|\/\./.test(path),
);

test('there are vectors', () => expect(sendable.length).toBeGreaterThanOrEqual(15));

test.each(sendable)('$name', ({ method, path, query, headers, body, signedHeaders, signature }) => {
  const signed = authorization(
    {
      method,
      path,
      query: [...new URLSearchParams(query)],
      headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
      body,
    },
    KEY,
    { region: 'us-east-1', service: 'service' },
  );
  expect(signed).toBe(
    `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${signedHeaders}, Signature=${signature}`,
  );
});
