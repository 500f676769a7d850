import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Handlers } from '../../src/api/api.ts';
import { type HttpServer, listen } from '../../src/api/http-server.ts';
import { main } from '../../src/cli/main.ts';
import { OPERATIONS } from '../../src/wire/service/table.ts';
import { apiFront } from '../support/api-front.ts';
import { lastGoodPython, missingPython, python, runPython } from '../support/python.ts';
import { convert, decoded, sampleInput, sampleOutput, withoutOurs } from '../support/shape-samples.ts';

/**
 * All operations through Python clients: current ones with the printed service models, and the last versions that
 * include the service. The tests for JavaScript are in this folder too.
 */
const SCRIPT = fileURLToPath(new URL('python/operations.py', import.meta.url));
const CLIENTS = [
  { age: "today's", interpreter: python },
  { age: 'the last good', interpreter: lastGoodPython },
].flatMap(({ age, interpreter }) =>
  (['boto3', 'awscli'] as const).map((client) => ({
    ...{ age, client, interpreter, missing: missingPython(client, interpreter) },
  })),
);

describe.each(CLIENTS)('every operation through $age $client', ({ client, interpreter, missing }) => {
  let folder: string;
  let server: HttpServer;
  let answers: Record<string, string | null>;
  const handled = new Map<string, unknown>();

  beforeAll(async () => {
    if (missing !== undefined) return;
    folder = await mkdtemp(join(tmpdir(), 'tripline-operations-'));
    expect(await main(['node', 'tripline', 'service-model', '--data-path', folder])).toBe(0);
    const handlers: Partial<Handlers> = Object.fromEntries(
      OPERATIONS.map((operation) => [
        operation.name,
        (input: unknown) => {
          handled.set(operation.name, input);
          return sampleOutput(operation);
        },
      ]),
    );
    const { listener, direct } = apiFront(handlers);
    server = await listen({ host: '127.0.0.1', port: 0 }, listener, direct);
    const operations = OPERATIONS.map((operation) => ({
      service: operation.signingName === 'iotevents' ? 'iotevents' : 'iotevents-data',
      name: operation.name,
      input: withoutOurs(operation.input, sampleInput(operation)),
    }));
    const env = {
      ...(interpreter === python && { AWS_DATA_PATH: folder }),
      AWS_ACCESS_KEY_ID: 'any',
      AWS_SECRET_ACCESS_KEY: 'any',
      AWS_DEFAULT_REGION: 'us-east-1',
      HOME: folder,
    };
    answers = JSON.parse(
      await runPython([SCRIPT, client], env, JSON.stringify({ url: server.url, operations }), interpreter),
    );
  }, 300_000);

  afterAll(async () => {
    await server?.close();
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  test
    .skipIf(missing !== undefined)
    .each(OPERATIONS.map((operation) => [operation.name, operation] as const))(
    `%s${missing === undefined ? '' : ` (skipped: ${missing})`}`,
    (name, operation) => {
      expect(answers[name]).toBeNull();
      expect(handled.get(name)).toEqual(
        convert(
          operation.input,
          operation.shapes,
          withoutOurs(operation.input, sampleInput(operation)),
          decoded,
        ),
      );
    },
  );
});
