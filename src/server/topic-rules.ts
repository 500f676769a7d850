import { randomUUID } from 'node:crypto';
import type { Registry } from 'prom-client';
import type { Put } from '../ingest/rules/input-queue.ts';
import { RuleMetrics } from '../ingest/rules/metrics.ts';
import { type OpenedRules, openRules } from '../ingest/rules/open-rules.ts';
import type { Republisher } from '../ingest/rules/publication.ts';
import { RuleEngine } from '../ingest/rules/rule-engine.ts';
import type { RuleRows } from '../ingest/rules/rule-rows.ts';
import { RuleError } from '../ingest/rules/topic-rules.ts';
import type { Log } from '../runtime/log.ts';
import type { ServeConfig } from './config.ts';
import { CommandError } from './usage-error.ts';

/** The rule engine of the process, with its metrics. */
export interface RuleSurroundings {
  readonly engine: RuleEngine;
  readonly metrics: RuleMetrics;
}

export function createRuleEngine({ accountId }: ServeConfig, registry: Registry, log: Log): RuleSurroundings {
  const metrics = new RuleMetrics(registry);
  const options = { log, metrics, accountId, now: Date.now, newUuid: randomUUID, random: Math.random };
  return { engine: new RuleEngine(options), metrics };
}

export interface TopicRuleOptions {
  readonly config: ServeConfig;
  readonly rows: RuleRows;
  readonly put: Put;
  readonly republisher: () => Republisher | undefined;
  readonly log: Log;
}

/** Connects the engine to the stored rules. Rejects with CommandError for an invalid rule in the configuration file. */
export async function openTopicRules(
  { engine, metrics }: RuleSurroundings,
  { config, rows, put, republisher, log }: TopicRuleOptions,
): Promise<OpenedRules> {
  const { limits, topicRules, mqtt } = config;
  try {
    const opened = await openRules({
      ...{ rows, put, engine, metrics, republisher, limits, now: Date.now, newUuid: randomUUID, log },
      unsupportedActions: mqtt.unsupportedActions,
      configured: topicRules.map((rule) => ({ ...rule, createdAt: Date.now(), tags: [] })),
    });
    for (const { compiled } of opened.rules.list())
      for (const warning of compiled.warnings)
        log.warn({ ruleName: compiled.name }, `topic rule: ${warning}`);
    return opened;
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    throw new CommandError(`topicRules in the configuration file: ${error.message}`, { cause: error });
  }
}
