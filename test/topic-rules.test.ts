import { describe, expect, test } from 'vitest';
import { describeTopicRules } from './support/rules-suite.ts';
import { runCli } from './support/run-cli.ts';
import { startTestServer } from './support/server.ts';

/** Topic rules on a real server. */
describeTopicRules(async () => {
  const server = await startTestServer();
  return { ...server, url: server.url, urls: [server.url] };
});

describe('tripline rules', () => {
  test('tests a statement without a server', async () => {
    const sql = "SET @k = a * 2 SELECT @k AS k FROM 'x' WHERE a > 1 AND b = 'c'";
    const args = ['rules', 'test', '--sql', sql, '--topic', 'x', '--json'];
    const { code, out } = await runCli(...args, '--payload', '{"a":3,"b":"c"}');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({
      result: 'message',
      message: { k: 6 },
      clauses: [
        { clause: 'SET', text: '@k = a * 2', name: '@k', type: 'Int', value: 6 },
        { clause: 'WHERE', text: 'a > 1', type: 'Boolean', value: true },
        { clause: 'WHERE', text: "b = 'c'", type: 'Boolean', value: true },
        { clause: 'SELECT', text: '@k AS k', name: 'k', type: 'Int', value: 6 },
      ],
    });
    const wrong = await runCli('rules', 'test', '--sql', 'SELECT', '--topic', 'x', '--payload', '{}');
    expect(wrong).toMatchObject({ code: 1, err: expect.stringContaining('SqlParseException') });
    expect((await runCli('rules', 'test', '--topic', 'x', '--payload', '{}')).code).toBe(2);
  });
});
