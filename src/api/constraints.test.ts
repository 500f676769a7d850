import inject from 'light-my-request';
import { describe, expect, test } from 'vitest';
import { apiFront } from '../../test/support/api-front.ts';
import {
  applyChange,
  changes,
  sampleInput,
  sampleOutput,
  toRequest,
} from '../../test/support/shape-samples.ts';
import { OPERATIONS, type Operation } from '../wire/service/table.ts';
import type { Handlers } from './api.ts';

/** Breaks every constraint of the table with one request each, through the whole API. */
const handled: unknown[] = [];
const handlers: Partial<Handlers> = Object.fromEntries(
  OPERATIONS.map((operation) => [
    operation.name,
    (input: unknown) => {
      handled.push(input);
      return sampleOutput(operation);
    },
  ]),
);
const { listener } = apiFront(handlers);

async function send(operation: Operation, input: Readonly<Record<string, unknown>>) {
  const { method, path, query, body } = toRequest(operation, input);
  const url = query === '' ? path : `${path}?${query}`;
  return inject(listener, {
    method,
    url,
    ...(body !== undefined && { payload: body, headers: { 'content-type': 'application/json' } }),
  });
}

let broken = 0;
let met = 0;

describe.each(OPERATIONS.map((operation) => [operation.name, operation] as const))(
  '%s',
  (_name, operation) => {
    const input = sampleInput(operation);

    test('with every member', async () => {
      handled.length = 0;
      const response = await send(operation, input);
      expect({ status: response.statusCode, body: response.body }).toMatchObject({
        status: operation.status,
      });
      expect(handled).toHaveLength(1);
      expect(JSON.parse(JSON.stringify(handled[0], blobsAsText))).toEqual(input);
    });

    test('with the required members alone', async () => {
      const required = Object.fromEntries(
        Object.entries(input).filter(([name]) => operation.input.required?.includes(name)),
      );
      const response = await send(operation, required);
      expect(response.statusCode).toBe(operation.status);
    });

    test('with every constraint just satisfied, and broken', async () => {
      for (const change of changes(operation)) {
        handled.length = 0;
        const response = await send(operation, applyChange(input, change));
        if (change.fails.length === 0) {
          met++;
          expect([change.at, response.statusCode]).toEqual([change.at, operation.status]);
          continue;
        }
        broken++;
        expect(handled).toEqual([]);
        expect(response.statusCode).toBe(400);
        expect(response.headers['x-amzn-errortype']).toBe('InvalidRequestException');
        const { message } = response.json<{ message: string }>();
        const errors = change.fails.length === 1 ? 'error' : 'errors';
        expect(message).toMatch(`${change.fails.length} validation ${errors} detected: `);
        for (const constraint of change.fails) {
          expect(message).toContain(` at '${change.at}' failed to satisfy constraint: ${constraint}`);
        }
      }
    });
  },
);

test('there are many constraints', () => {
  console.log(`${OPERATIONS.length} operations: ${broken} constraints broken, ${met} only just met`);
  expect(broken).toBeGreaterThan(4000);
  expect(met).toBeGreaterThanOrEqual(300);
});

/** Buffers become objects before a replacer sees them. */
function blobsAsText(_key: string, value: unknown): unknown {
  const isBlob = typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer';
  return isBlob && 'data' in value ? Buffer.from(value.data as number[]).toString('base64') : value;
}
