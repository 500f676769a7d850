import { randomUUID } from 'node:crypto';

import { RuleMetrics } from '../dist/ingest/rules/metrics.js';
import { openRules } from '../dist/ingest/rules/open-rules.js';
import { RuleEngine } from '../dist/ingest/rules/rule-engine.js';
import { DEFAULT_LIMITS } from '../dist/limits.js';
import { readPayload } from '../dist/runtime/messages.js';
import { RuntimeMetrics } from '../dist/runtime/metrics.js';
import { openMemoryStore } from '../dist/store/memory-store.js';

/*
 * Prints the microseconds of one message on its way to an input that accepts everything, through so many rules with
 * distinct filters, one of which matches; with 0, it is parsed and passed on without rules.
 */
const COUNT = Number(process.argv[2]);
const MESSAGES = 100_000;
const UNDER_WAY = 1000;

const quiet = () => undefined;
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
const metrics = new RuleMetrics(new RuntimeMetrics().registry);
const now = Date.now;
const newUuid = randomUUID;
const engine = new RuleEngine({ log, metrics, accountId: '000000000000', now, newUuid, random: Math.random });
let taken = 0;
const put = async (messages) => {
  taken += messages.length;
  return messages.map(() => undefined);
};
const { rules } = await openRules({
  ...{ store: openMemoryStore(), put, engine, metrics, log, now, newUuid },
  republisher: () => undefined,
  limits: DEFAULT_LIMITS,
  unsupportedActions: 'refuse',
  configured: [],
});
const roleArn = 'arn:aws:iam::000000000000:role/rules';
const actions = [{ iotEvents: { inputName: 'PumpPressure', messageId: '${pumpId}-${sequence}', roleArn } }];
for (let index = 0; index < COUNT; index++) {
  const sql = `SELECT *, topic(3) AS station FROM 'site/${index}/+/data' WHERE pressure > 0`;
  await rules.create(`rule_${index}`, { sql, awsIotSqlVersion: '2016-03-23', actions }, []);
}

async function run(messages) {
  const began = performance.now();
  for (let sent = 0; sent < messages; sent += UNDER_WAY) {
    const batch = [];
    for (let index = sent; index < sent + UNDER_WAY; index++) {
      const payload = Buffer.from(`{"pumpId":"P-${index % 100}","pressure":8.8,"sequence":${index}}`);
      if (COUNT === 0)
        batch.push(put([{ messageId: newUuid(), inputName: 'PumpPressure', payload: readPayload(payload) }]));
      else {
        const topic = `site/${index % COUNT}/s-${index % 10}/data`;
        batch.push(engine.deliver({ topic, payload, via: 'mqtt', clientId: `device-${index % 100}` }));
      }
    }
    await Promise.all(batch);
  }
  return ((performance.now() - began) / messages) * 1000;
}

await run(MESSAGES / 2);
taken = 0;
const microseconds = await run(MESSAGES);
if (taken !== MESSAGES) throw new Error(`${taken} of ${MESSAGES} messages arrived`);
console.log(microseconds.toFixed(2));
