import type { Limits } from '../../limits.ts';
import type { Log } from '../../runtime/log.ts';
import type { IncomingMessage } from '../../runtime/messages.ts';
import { allOf } from '../all-of.ts';
import { NotificationError, readNotifications } from '../sitewise/notification.ts';
import type { RuleRecord } from './definition.ts';
import { InputQueue, type Put } from './input-queue.ts';
import type { RuleMetrics } from './metrics.ts';
import type { Republication, Republisher } from './publication.ts';
import type { RulePorts } from './rule.ts';
import type { RuleEngine } from './rule-engine.ts';
import type { RuleRows } from './rule-rows.ts';
import { isBasicIngest } from './rule-set.ts';
import { TopicRules } from './topic-rules.ts';

export interface OpenRulesOptions {
  readonly rows: RuleRows;
  readonly put: Put;
  readonly engine: RuleEngine;
  readonly metrics: RuleMetrics;
  /** Undefined without a broker: republish actions fail then. */
  readonly republisher: () => Republisher | undefined;
  readonly limits: Limits;
  readonly unsupportedActions: RulePorts['unsupportedActions'];
  readonly configured: readonly RuleRecord[];
  readonly now: () => number;
  readonly newUuid: () => string;
  readonly log: Log;
}

/** The active rules of an open data directory or a cluster. */
export interface OpenedRules {
  readonly rules: TopicRules;
  /** Rejects waiting messages and accepts no more. */
  close(): void;
}

/** Reads the rules and attaches them to the engine. Rejects with StoreError or RuleError. */
export async function openRules(options: OpenRulesOptions): Promise<OpenedRules> {
  const { rows, engine, limits, metrics, unsupportedActions, configured, now, newUuid } = options;
  const queue = new InputQueue({
    put: options.put,
    // A batch larger than the inputs' queue would always be refused, even when the queue is empty.
    batchSize: Math.min(limits.turnSize, limits.queuedMessages),
    throttled: () => metrics.throttled(),
    later: (milliseconds, run) => {
      const timer = setTimeout(run, milliseconds);
      return () => clearTimeout(timer);
    },
  });
  let hasWarned = false;
  const ports: RulePorts = {
    ...{ limits, unsupportedActions, newUuid },
    queue: () => queue,
    republish(message) {
      const republisher = options.republisher();
      if (message.properties !== undefined && republisher?.hasProperties === false && !hasWarned) {
        hasWarned = true;
        options.log.warn(
          { topic: message.topic },
          'a topic rule republishes with headers, but the connection has no MQTT 5; subscribers get messages without them',
        );
      }
      return republish(message, republisher, engine);
    },
  };
  const rules = await TopicRules.open({ rows, ports, now, configured, log: options.log });
  const detach = engine.attach({
    rules,
    feedProperties: (payload, lane) => feedProperties(payload, lane, queue, options),
  });
  return {
    rules,
    close() {
      detach();
      queue.close();
    },
  };
}

/** Publishes to the subscribers, and to the rules unless the message returns by a subscription. */
async function republish(
  message: Republication,
  republisher: Republisher | undefined,
  engine: RuleEngine,
): Promise<void> {
  if (republisher === undefined)
    throw new Error('There is no MQTT broker: neither --mqtt-port nor --mqtt-url');
  if (republisher.comesBack) return republisher.publish(message);
  const { topic, payload, hops, properties } = message;
  const isForSubscribers = !isBasicIngest(topic);
  const outcomes = [
    ...(isForSubscribers ? [republisher.publish(message)] : []),
    engine.deliver({ topic, payload, via: 'mqtt', hops, properties }),
  ];
  await allOf(outcomes);
}

/** Values for properties that no alarm model references are ignored; invalid notifications are logged and dropped. */
async function feedProperties(
  payload: Buffer,
  lane: string,
  queue: InputQueue,
  { metrics, log }: OpenRulesOptions,
): Promise<void> {
  let messages: readonly IncomingMessage[];
  try {
    messages = readNotifications(payload);
  } catch (error) {
    if (!(error instanceof NotificationError)) throw error;
    metrics.propertyValues('refused', 1);
    log.error({ lane }, `a SiteWise property notification cannot be read: ${error.message}`);
    return;
  }
  const outcomes = await allOf(messages.map((message) => queue.put(lane, message, (outcome) => outcome)));
  for (const outcome of outcomes) {
    if (outcome === undefined) metrics.propertyValues('accepted', 1);
    else if (outcome.code === 'ResourceNotFoundException') metrics.propertyValues('ignored', 1);
    else {
      metrics.propertyValues('refused', 1);
      log.error({ lane, code: outcome.code }, `a SiteWise property value was refused: ${outcome.message}`);
    }
  }
}
