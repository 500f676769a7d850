import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiClient } from '../../src/cli/client.ts';
import { freePort, pause, ServerProcess } from '../support/server-process.ts';
import { type MailServer, startMailServer } from '../support/smtp.ts';
import { everythingDelivered } from './everything-delivered.ts';
import { patientConfig } from './patient-config.ts';
import { report } from './report.ts';

/** Kills a server with alarms repeatedly, and accounts for their states, snoozes and notifications. */
const ROUNDS = Number(process.env.TRIPLINE_CRASH_ROUNDS ?? 20);
const KEYS = 8;

const dataDir = mkdtempSync(join(tmpdir(), 'tripline-alarms-'));
let mail: MailServer;
let server: ServerProcess;
let client: ApiClient;

beforeAll(async () => {
  mail = await startMailServer();
  const recipients = join(dataDir, 'recipients.json');
  writeFileSync(recipients, '[{"userId":"shift","email":"shift@example.com"}]');
  const store = ['--data-dir', join(dataDir, 'data'), ...patientConfig(dataDir), '--log-level', 'error'];
  server = new ServerProcess(await freePort(), [
    ...store,
    '--smtp-url',
    mail.url,
    '--recipients',
    recipients,
  ]);
  client = new ApiClient(server.url);
  await server.start();
  const inputDefinition = { attributes: [{ jsonPath: 'key' }, { jsonPath: 't' }] };
  await client.call('POST', '/inputs', { inputName: 'Temp', inputDefinition });
  await client.call('POST', '/alarm-models', {
    alarmModelName: 'Hot',
    key: 'key',
    roleArn: 'arn:aws:iam::000000000000:role/r',
    alarmRule: {
      simpleRule: { inputProperty: '$input.Temp.t', comparisonOperator: 'GREATER', threshold: '30' },
    },
    alarmCapabilities: { initializationConfiguration: { disabledOnInitialization: false } },
    alarmNotification: {
      notificationActions: [
        {
          action: { lambdaAction: { functionArn: 'unused' } },
          emailConfigurations: [
            {
              from: 'plant@example.com',
              // The mail contains the key, and the number of the value that changed the state.
              content: { subject: "'${$input.Temp.key} ${$input.Temp.n}'" },
              recipients: { to: [{ ssoIdentity: { identityStoreId: 'd-1', userId: 'shift' } }] },
            },
          ],
        },
      ],
    },
  });
});

afterAll(async () => {
  await server.stop('SIGKILL');
  await mail.close();
  rmSync(dataDir, { recursive: true, force: true });
});

interface Key {
  readonly key: string;
  /** The last value whose message was acknowledged; odd ones are above the threshold. */
  acknowledged: number;
}

test(`${ROUNDS} kills lose no change of an alarm and no notification, and a snooze ends on time`, async () => {
  const keys = Array.from({ length: KEYS }, (_, n): Key => ({ key: `k${n}`, acknowledged: 0 }));
  await put('snoozed', 1);
  const snoozedAt = Date.now();
  const seconds = 10;
  await client.call('POST', '/alarms/snooze', {
    snoozeActionRequests: [
      { requestId: 'r', alarmModelName: 'Hot', keyValue: 'snoozed', snoozeDuration: seconds },
    ],
  });
  for (let round = 0; round < ROUNDS; round++) {
    let killed = false;
    const load = keys.map((own) => write(own, () => killed));
    await pause(60 + Math.random() * 200);
    killed = true;
    await server.stop('SIGKILL');
    await Promise.all(load);
    await server.start();
    const { state, at } = await stateOf('snoozed');
    if (at < snoozedAt + seconds * 1000) expect(state).toBe('SNOOZE_DISABLED');
  }
  await Promise.all(keys.map((own) => put(own.key, own.acknowledged + 1)));
  const total = keys.reduce((sum, { acknowledged }) => sum + acknowledged + 1, 0);
  // Enough to have been in progress at the kills, even on a slow machine.
  expect(total).toBeGreaterThan(ROUNDS);
  for (const { key, acknowledged } of keys) {
    const last = acknowledged + 1;
    expect([key, (await stateOf(key)).state]).toEqual([key, last % 2 === 1 ? 'ACTIVE' : 'NORMAL']);
  }
  const deadline = Date.now() + 60_000;
  for (;;) {
    const { state, changed } = await stateOf('snoozed');
    if (state === 'NORMAL') {
      expect(changed).toBeGreaterThanOrEqual(snoozedAt + seconds * 1000);
      break;
    }
    expect(Date.now(), 'the snooze has not ended').toBeLessThan(deadline);
    await pause(100);
  }
  await everythingDelivered(client);

  // Every change of state is one notification: its mail arrived at least once, always under one id.
  const ids = new Map<string, string>();
  for (const { headers } of mail.mails) {
    const id = headers.get('message-id') ?? '';
    const subject = headers.get('subject') ?? '';
    if (subject.startsWith('snoozed')) continue;
    expect([subject, ids.get(subject) ?? id]).toEqual([subject, id]);
    ids.set(subject, id);
  }
  const expected = keys.flatMap(({ key, acknowledged }) =>
    Array.from({ length: acknowledged + 1 }, (_, index) => `${key} ${index + 1}`),
  );
  expect([...ids.keys()].sort()).toEqual(expected.sort());
  expect(new Set(ids.values()).size).toBe(total);
  report('alarms and their notifications', {
    kills: ROUNDS,
    'changes of state': total,
    lost: 0,
    'changes without a mail': 0,
    'mails sent twice, under the same id': mail.mails.length - ids.size - 2,
  });
}, 3_600_000);

/** Alternates values above and below the threshold, so that each changes the state. */
async function write(own: Key, stopped: () => boolean): Promise<void> {
  while (!stopped()) {
    try {
      await put(own.key, own.acknowledged + 1);
    } catch {
      // Killed before it answered: the same message is sent again after the restart.
      return;
    }
    own.acknowledged++;
  }
}

async function put(key: string, n: number): Promise<void> {
  const payload = Buffer.from(JSON.stringify({ key, n, t: n % 2 === 1 ? 31 : 29 })).toString('base64');
  const messages = [{ messageId: `${key}-${n}`, inputName: 'Temp', payload }];
  const { BatchPutMessageErrorEntries: errors } = await client.call('POST', '/inputs/messages', { messages });
  expect(errors).toEqual([]);
}

async function stateOf(key: string): Promise<{ state: string; changed: number; at: number }> {
  const { alarm } = await client.call('GET', `/alarms/Hot/keyValues?keyValue=${key}`);
  const { alarmState, lastUpdateTime } = alarm as {
    alarmState: { stateName: string };
    lastUpdateTime: number;
  };
  return { state: alarmState.stateName, changed: lastUpdateTime * 1000, at: Date.now() };
}
