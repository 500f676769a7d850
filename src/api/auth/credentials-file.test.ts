import { describe, expect, test } from 'vitest';
import { readCredentials } from './credentials-file.ts';

const ENTRY = { accessKeyId: 'AKIA1', secretAccessKey: 'one' };

describe('credentials are parsed', () => {
  test('from JSON, with policies', () => {
    const policy = { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } };
    const keys = readCredentials(
      JSON.stringify({ credentials: [ENTRY, { ...ENTRY, accessKeyId: 'AKIA2', policy }] }),
    );
    expect(keys.get('AKIA1')).toEqual({ ...ENTRY, name: 'AKIA1' });
    expect(keys.get('AKIA2')?.policy).toHaveLength(1);
    expect(keys.get('__proto__')).toBeUndefined();
  });

  test('from the profiles of an AWS shared credentials file', () => {
    const content = `# the plant
[default]
aws_access_key_id = AKIA1
aws_secret_access_key=o=ne

[ line 2 ] ; comment
aws_access_key_id=AKIA2
aws_secret_access_key = two
region = eu-west-1
`;
    const keys = readCredentials(content.replaceAll('\n', '\r\n'));
    expect([...keys.values()]).toEqual([
      { name: 'default', accessKeyId: 'AKIA1', secretAccessKey: 'o=ne' },
      { name: 'line 2', accessKeyId: 'AKIA2', secretAccessKey: 'two' },
    ]);
  });
});

test.each([
  ['', 'no access key'],
  ['# nothing', 'no access key'],
  ['[a]\naws_access_key_id = AKIA1\n', 'The profile a has no aws_secret_access_key'],
  ['[a]\naws_secret_access_key = x\n', 'The profile a has no aws_access_key_id'],
  ['[a]\naws_session_token = x\naws_access_key_id = A\naws_secret_access_key = secret', 'session token'],
  ['aws_access_key_id = AKIA1', 'Line 1 is neither'],
  ['[a]\nsecret', 'Line 2 is neither'],
  ['{"credentials":', 'begins like JSON but is not valid JSON'],
  ['{}', 'credentials must be a list'],
  ['{"credentials":[]}', 'no access key'],
  ['{"credentials":[{"accessKeyId":"a"}]}', 'Entry 1 of its credentials has no secretAccessKey'],
  ['{"credentials":[{"accessKeyId":"","secretAccessKey":"secret"}]}', 'no accessKeyId'],
  [
    '{"credentials":[{"accessKeyId":"a","secretAccessKey":"secret","policies":[]}]}',
    'has policies, which is not one of',
  ],
  ['{"credentials":[],"keys":[]}', 'It has keys'],
  ['{"credentials":[null]}', 'Entry 1 of its credentials must be an object'],
  [
    '{"credentials":[{"accessKeyId":"a","secretAccessKey":"secret","policy":{}}]}',
    'Entry 1 of its credentials: The policy has no Statement',
  ],
  [
    `{"credentials":[${JSON.stringify(ENTRY)},${JSON.stringify(ENTRY)}]}`,
    'contains the access key AKIA1 twice',
  ],
])('%j is refused, without a secret in the message', (content, message) => {
  let error: unknown;
  try {
    readCredentials(content);
  } catch (thrown) {
    error = thrown;
  }
  expect(String(error)).toContain(message);
  expect(String(error)).not.toContain('secret"');
});

test.each([
  [
    'an action that there is none of',
    '{"credentials":[{"accessKeyId":"A","secretAccessKey":"s","policy":{"Statement":{"Effect":"Deny","Action":"iotevents:DeleteInptu","Resource":"*"}}}]}',
    /DeleteInptu, which this server does not have/,
  ],
  [
    'a member that is given twice',
    '{"credentials":[{"accessKeyId":"A","secretAccessKey":"s","policy":{"Statement":{"Effect":"Deny","Effect":"Allow","Action":"*","Resource":"*"}}}]}',
    /the member Effect twice/,
  ],
])('a policy with %s is refused', (_what, content, message) => {
  expect(() => readCredentials(content)).toThrow(message);
});
