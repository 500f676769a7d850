import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lastGoodPython, missingPython, python, runPython } from '../support/python.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

/** Topic rules through the unmodified clients of AWS IoT; those of the AWS SDK for JavaScript are in `rules-suite.ts`. */
let server: TestServer;

const sql = "SELECT *, topic(2) AS pump FROM 'pumps/+'";

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(() => server.dispose());

const CLIENTS = [python, lastGoodPython].flatMap((interpreter) =>
  (['boto3', 'awscli'] as const).map((client) => ({
    client,
    interpreter,
    missing: missingPython(client, interpreter),
  })),
);

describe.each(CLIENTS)('$client of $interpreter', ({ client, interpreter, missing }) => {
  test.skipIf(missing !== undefined)(
    `walks all operations${missing ? ` (skipped: ${missing})` : ''}`,
    async () => {
      const script = new URL('python/topic_rules.py', import.meta.url).pathname;
      const env = {
        AWS_ACCESS_KEY_ID: 'any',
        AWS_SECRET_ACCESS_KEY: 'any',
        AWS_DEFAULT_REGION: 'us-east-1',
        HOME: '/nonexistent',
      };
      const told = JSON.parse(await runPython([script, client, server.url], env, '', interpreter));
      expect(told).toEqual({
        created: { ruleName: 'walk', sql, ruleDisabled: false, awsIotSqlVersion: '2016-03-23' },
        disabled: true,
        enabled: false,
        listed: ['walk'],
        replaced: 'SELECT a',
        tags: [{ Key: 'team', Value: 'x' }],
        untagged: [],
        unknown: 'UnauthorizedException',
        syntax: 'SqlParseException',
        left: [],
      });
    },
    120_000,
  );
});
