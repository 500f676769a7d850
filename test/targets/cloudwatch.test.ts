import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Log } from '../../src/runtime/log.ts';
import { cloudWatchSink } from '../../src/server/cloudwatch-sink.ts';
import { quietLog } from '../support/quiet.ts';
import { hasMoto, type Peer, startMoto } from './peers.ts';

/** The evaluation log in CloudWatch Logs. */
describe.runIf(hasMoto)(
  `CloudWatch Logs${hasMoto ? '' : ' (skipped: no AWS emulator; npm run provision says why)'}`,
  () => {
    let moto: Peer;

    beforeAll(async () => {
      moto = await startMoto();
      vi.stubEnv('AWS_ENDPOINT_URL', moto.url);
      vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
      vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
    }, 60_000);
    afterAll(async () => {
      vi.unstubAllEnvs();
      await moto?.stop();
    });

    async function messages(logGroupName: string): Promise<string[]> {
      const client = new CloudWatchLogsClient({ region: 'us-east-1' });
      try {
        const { events = [] } = await client.send(new FilterLogEventsCommand({ logGroupName }));
        return events.map(({ message = '' }) => message);
      } finally {
        client.destroy();
      }
    }

    test('every entry arrives, in order, at the latest on closing; groups of before are used again', async () => {
      for (const run of [1, 2]) {
        const sink = cloudWatchSink({ region: 'us-east-1', logGroup: '/plant/one', log: quietLog });
        for (let n = 0; n < 50; n++) sink.write(`{"run":${run},"n":${n}}`);
        await sink.close();
      }
      const arrived = (await messages('/plant/one')).map(
        (message) => JSON.parse(message) as { run: number; n: number },
      );
      for (const run of [1, 2]) {
        const numbers = arrived.filter((each) => each.run === run).map(({ n }) => n);
        expect(numbers).toEqual(Array.from({ length: 50 }, (_, n) => n));
      }
    });

    test('entries arrive while the server runs, and more than one call may hold', async () => {
      const sink = cloudWatchSink({
        region: 'us-east-1',
        logGroup: '/plant/two',
        log: quietLog,
        interval: 10,
      });
      const entry = 'x'.repeat(100_000);
      for (let n = 0; n < 25; n++) sink.write(`${n} ${entry}`);
      await vi.waitFor(async () => expect(await messages('/plant/two')).toHaveLength(25), 10_000);
      await sink.close();
    });

    test('what cannot be sent is said once, and counted on closing', async () => {
      vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:9');
      vi.stubEnv('AWS_MAX_ATTEMPTS', '1');
      const logged: [object, string][] = [];
      const log: Log = { ...quietLog, error: (fields, message) => void logged.push([fields, message]) };
      const sink = cloudWatchSink({ region: 'us-east-1', logGroup: '/plant/three', log });
      sink.write('{}');
      await sink.close();
      expect(logged.map(([, message]) => message)).toEqual([
        'the evaluation log cannot be sent to CloudWatch; it will be tried again',
        'entries of the evaluation log were dropped',
      ]);
      expect(logged[1]?.[0]).toMatchObject({ dropped: 1 });
      vi.stubEnv('AWS_ENDPOINT_URL', moto.url);
    });
  },
);
