import type { Handlers } from '../api/api.ts';
import { createHandlers } from '../api/handlers/index.ts';
import { topicRuleHandlers } from '../api/handlers/topic-rules.ts';
import { Admin } from '../cluster/admin.ts';
import { Ingress } from '../cluster/ingress.ts';
import { RestateHost } from '../cluster/restate-host.ts';
import { openMemoryStore } from '../store/memory-store.ts';
import { ServiceError } from '../wire/errors.ts';
import { openMqtt } from './mqtt.ts';
import type { Runtime, Surroundings } from './runtime.ts';
import { openTopicRules } from './topic-rules.ts';
import { CommandError } from './usage-error.ts';

/** Milliseconds that the cluster may take to answer when a front starts. */
const CLUSTER_READY = 30_000;
/** Milliseconds that a first message waits for others to the same slot, and messages of one call at most. */
const BATCHES = { wait: 5, size: 200, giveUp: 30_000 };

/** What would change the rules of this front alone. */
const RULE_CHANGES = [
  'CreateTopicRule',
  'ReplaceTopicRule',
  'DeleteTopicRule',
  'EnableTopicRule',
  'DisableTopicRule',
] as const;

/**
 * A front of a cluster: what `startRuntime` starts on a data directory, on Restate instead. It keeps nothing of its own;
 * topic rules come from the configuration file, MQTT from `--mqtt-url`. Rejects with CommandError for what the user can
 * mend.
 */
export async function startFront(surroundings: Surroundings): Promise<Runtime> {
  const { config, clock, log } = surroundings;
  const { limits, region, accountId, restateIngress, restateAdmin, clusterName } = config;
  const admin = new Admin(restateAdmin);
  await admin.ready(CLUSTER_READY).catch((cause: Error) => {
    throw new CommandError(`Restate cannot be reached (--restate-admin): ${cause.message}`, { cause });
  });
  const ingress = new Ingress(restateIngress, clusterName);
  const host = new RestateHost({ ingress, admin, limits, log, batches: BATCHES });
  const store = openMemoryStore();
  const { rules, close: closeRules } = await openTopicRules(surroundings.rules, {
    config,
    store,
    log,
    put: (messages) => host.put(messages),
    republisher: () => mqtt,
  });
  const mqtt = await openMqtt({ ...surroundings.mqtt, config, store, clock, log });
  await mqtt?.start();
  const handlers: Handlers = {
    ...createHandlers({ host, limits, region, accountId }, log),
    ...topicRuleHandlers({ rules, limits, region, accountId, log }),
    ...Object.fromEntries(RULE_CHANGES.map((name) => [name, refuseRuleChange])),
  };
  return {
    host,
    handlers,
    publish: (message) =>
      mqtt === undefined
        ? surroundings.rules.engine.deliver({ ...message, via: 'http' })
        : mqtt.publishAs('http', message),
    mqtt,
    // Restate holds the data: nothing of it fails here.
    failed: new Promise(() => {}),
    async close() {
      await mqtt?.close();
      closeRules();
      await host.close();
    },
  };
}

async function refuseRuleChange(): Promise<never> {
  const message = 'In a cluster, topic rules come from the configuration file of each front';
  throw new ServiceError('InvalidRequestException', message);
}
