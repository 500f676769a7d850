import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import type { Handlers } from '../api/api.ts';
import { createHandlers } from '../api/handlers/index.ts';
import { topicRuleHandlers } from '../api/handlers/topic-rules.ts';
import { ClusterRows, TOPIC_RULES } from '../cluster/cluster-rows.ts';
import { FrontStore } from '../cluster/front-store.ts';
import { Ingress } from '../cluster/ingress.ts';
import { RestateHost } from '../cluster/restate-host.ts';
import type { TopicRules } from '../ingest/rules/topic-rules.ts';
import { Fault } from '../runtime/fault.ts';
import type { Log } from '../runtime/log.ts';
import { openAdmin } from './cluster-admin.ts';
import type { ServeConfig } from './config.ts';
import { type Mqtt, publishHttp } from './mqtt.ts';
import { openExternalBroker } from './mqtt-external.ts';
import type { Runtime, Surroundings } from './runtime.ts';
import { openTopicRules } from './topic-rules.ts';
import { CommandError } from './usage-error.ts';

/** Milliseconds that a starting front waits for the cluster, and then for its workers. */
const CLUSTER_READY = 30_000;
const WORKERS_READY = 60_000;
/** Milliseconds that a first message waits for others to the same slot, and the most messages in one call. */
const BATCHES = { wait: 5, size: 200, giveUp: 30_000 };
/** Milliseconds between two checks for topic rules changed by other fronts. */
const LOOK_AT_RULES = 1000;

/**
 * A front of a cluster: the counterpart of `startRuntime` on Restate instead of a data directory. It stores nothing
 * itself: topic rules, and its subscriptions at the broker of `--mqtt-url`, are in the cluster. Rejects with CommandError
 * for errors that the user can fix.
 */
export async function startFront(surroundings: Surroundings): Promise<Runtime> {
  const { config, log } = surroundings;
  const { limits, region, accountId, restateIngress, clusterName } = config;
  const admin = await openAdmin(config, CLUSTER_READY, log);
  const ingress = new Ingress(restateIngress, clusterName);
  const rows = new ClusterRows(ingress, TOPIC_RULES);
  await waitForWorkers(rows, log);
  const host = new RestateHost({ ingress, admin, limits, log, batches: BATCHES });
  let mqtt: Mqtt | undefined;
  const { rules, close: closeRules } = await openTopicRules(surroundings.rules, {
    ...{ config, rows, log },
    put: (messages) => host.put(messages),
    republisher: () => mqtt,
  });
  mqtt = await openBroker(ingress, surroundings);
  await mqtt?.start();
  const stopFollowing = followRules(rules, log);
  const handlers: Handlers = {
    ...createHandlers({ host, limits, region, accountId }, log),
    ...topicRuleHandlers({ rules, limits, region, accountId, log }),
  };
  return {
    host,
    handlers,
    publish: publishHttp(mqtt, surroundings.rules.engine),
    mqtt,
    // Restate stores the data, so no local store can fail.
    failed: new Promise(() => {}),
    async close() {
      await stopFollowing();
      await mqtt?.close();
      closeRules();
      await host.close();
    },
  };
}

/** Resolves when a worker answers: fronts and workers may be started in any order. */
async function waitForWorkers(rows: ClusterRows, log: Log): Promise<void> {
  const until = performance.now() + WORKERS_READY;
  for (let isFirst = true; ; isFirst = false) {
    try {
      await rows.read();
      return;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      if (performance.now() > until)
        throw new CommandError(
          `No worker of this version answers (tripline worker; --cluster-name, --restate-ingress): ${error.message}`,
          { cause: error },
        );
      if (isFirst) log.info({ reason: error.message }, 'waiting for a worker');
      await wait(500);
    }
  }
}

/** Applies rule changes made by other fronts. Returns a function that stops it. */
function followRules(rules: TopicRules, log: Log): () => Promise<void> {
  const stop = new AbortController();
  const { signal } = stop;
  const follow = async () => {
    for (let isBehind = false; !signal.aborted; ) {
      await wait(LOOK_AT_RULES, undefined, { signal, ref: false }).catch(() => {});
      if (signal.aborted) return;
      try {
        await rules.refresh();
        isBehind = false;
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        if (!isBehind) log.warn({}, `changes of topic rules cannot be seen just now: ${error.message}`);
        isBehind = true;
      }
    }
  };
  const following = follow();
  return async () => {
    stop.abort();
    await following;
  };
}

/**
 * The fronts of a cluster share the messages of a broker. Each has its own session there, identified by its client id, in
 * which the broker keeps messages while the front restarts.
 */
async function openBroker(ingress: Ingress, { config, mqtt, log }: Surroundings): Promise<Mqtt | undefined> {
  const { mqttUrl, clusterName, mqttGroup = clusterName, mqttClientId = clientIdOf(config) } = config;
  if (mqttUrl === undefined) return undefined;
  const store = new FrontStore(new ClusterRows(ingress, `mqtt/${mqttClientId}`));
  const shared = { ...config, mqttGroup, mqttClientId };
  return openExternalBroker(mqttUrl, { ...mqtt, config: shared, store, log });
}

function clientIdOf({ clusterName, host, port }: ServeConfig): string {
  const name = `${hostname()}-${host}-${port}`.replaceAll(/[^A-Za-z0-9.-]/g, '-');
  return `${clusterName}-${name}`.slice(0, 128);
}
