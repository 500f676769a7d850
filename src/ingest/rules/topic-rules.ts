import type { Log } from '../../runtime/log.ts';
import { below, topicRuleKey } from '../../runtime/rows.ts';
import { type Change, type Store, StoreError } from '../../store/store.ts';
import { matchesFilter } from '../sql/index.ts';
import type { RuleProblem, RuleRecord, RuleTag, TopicRulePayload } from './definition.ts';
import { type CompiledRule, compileRule, type RulePorts } from './rule.ts';

/** A rule that there is. */
export interface TopicRule {
  readonly record: RuleRecord;
  readonly compiled: CompiledRule;
  /** Rules of the configuration file cannot be changed through the API. */
  readonly isConfigured: boolean;
}

/** Why a change is refused; nothing has changed then. */
export type RuleRefusal =
  | RuleProblem
  | { readonly code: 'Exists' | 'Unknown' | 'Configured' | 'Full'; readonly message: string };

/** A change that was refused. */
export class RuleError extends Error {
  override readonly name = 'RuleError';
  readonly refusal: RuleRefusal;
  constructor(refusal: RuleRefusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

/** The layout of a rule's row; a later one gets another number. */
const ROW_VERSION = 1;

interface RuleRow extends RuleRecord {
  readonly rowVersion: number;
}

export interface TopicRulesOptions {
  readonly store: Store;
  readonly ports: RulePorts;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Rules of the configuration file; they come before durable ones of the same name. */
  readonly configured: readonly RuleRecord[];
  readonly log: Log;
}

/**
 * The topic rules of one opening of the data directory: each is a row `topic-rule/<name>`. Changes are made one after
 * the other, and hold for messages that come after their promise has resolved. All reject with RuleError for what is
 * refused.
 */
export class TopicRules {
  readonly #options: TopicRulesOptions;
  readonly #rules = new Map<string, TopicRule>();
  readonly #listeners = new Set<() => void>();
  #last: Promise<unknown> = Promise.resolve();

  /** Reads what is durable. Rejects with StoreError for rows that cannot be read, with RuleError for a wrong configured rule. */
  static async open(options: TopicRulesOptions): Promise<TopicRules> {
    const rules = new TopicRules(options);
    for await (const [key, text] of options.store.scan(below('topic-rule'))) rules.#load(key, text);
    for (const record of options.configured) {
      const compiled = rules.#compile(record);
      if (rules.#rules.has(record.ruleName))
        options.log.warn(
          { ruleName: record.ruleName },
          'the topic rule of the configuration file stands before the one of that name in the data directory',
        );
      rules.#rules.set(record.ruleName, { record, compiled, isConfigured: true });
    }
    return rules;
  }

  private constructor(options: TopicRulesOptions) {
    this.#options = options;
  }

  get(ruleName: string): TopicRule | undefined {
    return this.#rules.get(ruleName);
  }

  /** In the order of their names. */
  list(): readonly TopicRule[] {
    return [...this.#rules.values()].sort((a, b) => (a.record.ruleName < b.record.ruleName ? -1 : 1));
  }

  /** Calls the listener after each change. Returns a function that unsubscribes it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  create(ruleName: string, payload: TopicRulePayload, tags: readonly RuleTag[]): Promise<CompiledRule> {
    return this.#change(() => {
      if (this.#rules.has(ruleName)) throw refusal('Exists', `Topic rule ${ruleName} already exists`);
      const { limits } = this.#options.ports;
      if (this.#rules.size >= limits.topicRules)
        throw refusal('Full', `Number of topic rules exceeds the limit ${limits.topicRules}`);
      return { ruleName, payload, tags, createdAt: this.#options.now() };
    });
  }

  /** Nothing of the former definition stays but its tags and the time of its creation. */
  replace(ruleName: string, payload: TopicRulePayload): Promise<CompiledRule> {
    return this.#change(() => ({ ...this.#own(ruleName).record, payload }));
  }

  setDisabled(ruleName: string, ruleDisabled: boolean): Promise<CompiledRule> {
    return this.#change(() => {
      const { record } = this.#own(ruleName);
      return { ...record, payload: { ...record.payload, ruleDisabled } };
    });
  }

  setTags(ruleName: string, change: (tags: readonly RuleTag[]) => readonly RuleTag[]): Promise<CompiledRule> {
    return this.#change(() => {
      const { record } = this.#own(ruleName);
      return { ...record, tags: change(record.tags) };
    });
  }

  delete(ruleName: string): Promise<void> {
    return this.#inTurn(async () => {
      this.#own(ruleName);
      await this.#commit([topicRuleKey(ruleName), null]);
      this.#rules.delete(ruleName);
      this.#tell();
    });
  }

  /** The rules whose filter matches a topic, or is that text. */
  matching(topic: string): readonly TopicRule[] {
    return this.list().filter(({ compiled: { statement } }) => {
      const { from } = statement;
      return from !== undefined && (from === topic || matchesFilter(from, topic));
    });
  }

  #change(make: () => RuleRecord): Promise<CompiledRule> {
    return this.#inTurn(async () => {
      const record = make();
      const compiled = this.#compile(record);
      const row: RuleRow = { rowVersion: ROW_VERSION, ...record };
      await this.#commit([topicRuleKey(record.ruleName), JSON.stringify(row)]);
      this.#rules.set(record.ruleName, { record, compiled, isConfigured: false });
      this.#tell();
      return compiled;
    });
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const done = this.#last.then(run);
    this.#last = done.catch(() => {});
    return done;
  }

  #commit(row: Change): Promise<void> {
    return this.#options.store.commit({ rows: [row] });
  }

  #own(ruleName: string): TopicRule {
    const rule = this.#rules.get(ruleName);
    if (rule === undefined) throw refusal('Unknown', `Access to topic rule '${ruleName}' was denied`);
    if (rule.isConfigured)
      throw refusal('Configured', `Topic rule ${ruleName} is in the configuration file; change it there`);
    return rule;
  }

  #compile(record: RuleRecord): CompiledRule {
    const result = compileRule(record, this.#options.ports);
    if (!result.ok) throw new RuleError(result.problem);
    return result.rule;
  }

  #load(key: string, text: string): void {
    const record = readRuleRow(key, text);
    // What was stored with other settings stays: an action that is refused now is not run.
    const ports = { ...this.#options.ports, unsupportedActions: 'skip' as const };
    const result = compileRule(record, ports);
    if (!result.ok) throw new StoreError('CORRUPT', `${key} does not compile: ${result.problem.message}`);
    this.#rules.set(record.ruleName, { record, compiled: result.rule, isConfigured: false });
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** The rule in a row. Throws StoreError. */
export function readRuleRow(key: string, text: string): RuleRecord {
  let row: RuleRow;
  try {
    row = JSON.parse(text) as RuleRow;
  } catch (cause) {
    throw new StoreError('CORRUPT', `${key} cannot be read: ${text.slice(0, 80)}`, { cause });
  }
  const { rowVersion, ...record } = row;
  if (rowVersion === ROW_VERSION) return record;
  throw new StoreError('VERSION', `${key} has layout ${rowVersion}; this version reads ${ROW_VERSION}`);
}

function refusal(code: 'Exists' | 'Unknown' | 'Configured' | 'Full', message: string): RuleError {
  return new RuleError({ code, message });
}
