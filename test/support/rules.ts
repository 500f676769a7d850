import { Registry } from 'prom-client';
import type { TopicRulePayload } from '../../src/ingest/rules/definition.ts';
import type { Put, PutOutcome } from '../../src/ingest/rules/input-queue.ts';
import { RuleMetrics } from '../../src/ingest/rules/metrics.ts';
import { openRules } from '../../src/ingest/rules/open-rules.ts';
import type { Publication, Republication, Republisher } from '../../src/ingest/rules/publication.ts';
import { RuleEngine } from '../../src/ingest/rules/rule-engine.ts';
import { type RuleRows, ruleRowsOf } from '../../src/ingest/rules/rule-rows.ts';
import { DEFAULT_LIMITS, type Limits } from '../../src/limits.ts';
import type { Log } from '../../src/runtime/log.ts';
import type { IncomingMessage } from '../../src/runtime/messages.ts';
import { emptyImage, type MemoryImage, openMemoryStore } from '../../src/store/memory-store.ts';
import { quietLog } from './quiet.ts';

export const roleArn = 'arn:aws:iam::123456789012:role/Rules';

export interface RigOptions {
  readonly image?: MemoryImage;
  /** Used instead of those of the image. */
  readonly rows?: RuleRows;
  readonly limits?: Partial<Limits>;
  readonly unsupportedActions?: 'refuse' | 'skip';
  /** The outcome for a message to an input; by default every message is accepted. */
  readonly answer?: (message: IncomingMessage) => PutOutcome;
  readonly republisher?: Partial<Republisher> | 'none';
  readonly put?: Put;
  readonly log?: Log;
}

/** Active rules with inputs and a broker that record what they receive. */
export async function startRules(options: RigOptions = {}) {
  const { image = emptyImage(), unsupportedActions = 'refuse', answer = () => undefined } = options;
  const { log = quietLog } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const put: IncomingMessage[] = [];
  const calls: number[] = [];
  const published: Republication[] = [];
  const registry = new Registry();
  const metrics = new RuleMetrics(registry);
  let uuids = 0;
  const newUuid = () => `00000000-0000-4000-8000-${String(++uuids).padStart(12, '0')}`;
  const now = () => 1_600_000_000_000;
  const engine = new RuleEngine({
    ...{ log, metrics, now, newUuid },
    accountId: '123456789012',
    random: () => 0.5,
  });
  const republisher: Republisher = {
    comesBack: false,
    hasProperties: true,
    publish: async (message) => void published.push(message),
    ...(options.republisher !== 'none' && options.republisher),
  };
  const { rows = ruleRowsOf(openMemoryStore(image)) } = options;
  const opened = await openRules({
    ...{ rows, engine, metrics, limits, unsupportedActions, now, newUuid, log },
    put:
      options.put ??
      (async (messages) => {
        calls.push(messages.length);
        const outcomes = messages.map(answer);
        put.push(...messages.filter((_, index) => outcomes[index] === undefined));
        return outcomes;
      }),
    republisher: () => (options.republisher === 'none' ? undefined : republisher),
    configured: [],
  });
  return {
    ...{ engine, registry, image, calls, published, opened },
    rules: opened.rules,
    /** Texts of the messages accepted by the inputs. */
    get messages() {
      return put.map(({ inputName, messageId, payload }) => ({
        inputName,
        messageId,
        payload: payload.text,
      }));
    },
    create: (ruleName: string, payload: Partial<TopicRulePayload> & { readonly sql: string }) =>
      opened.rules.create(ruleName, { actions: [], awsIotSqlVersion: '2016-03-23', ...payload }, []),
    publish: (topic: string, payload: string, more: Partial<Publication> = {}) =>
      engine.deliver({ topic, payload: Buffer.from(payload), via: 'mqtt', clientId: 'device-1', ...more }),
    /** A counter's value by name and labels; 0 if it was never incremented. */
    async count(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
      const metric = await registry.getSingleMetric(`tripline_${name}_total`)?.get();
      const found = metric?.values.find((value) =>
        Object.entries(labels).every(([label, text]) => value.labels[label] === text),
      );
      return found?.value ?? 0;
    },
  };
}
