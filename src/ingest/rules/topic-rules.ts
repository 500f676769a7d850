import { Fault } from '../../runtime/fault.ts';
import type { Log } from '../../runtime/log.ts';
import { topicRuleKey } from '../../runtime/rows.ts';
import { type Change, type Row, StoreError } from '../../store/store.ts';
import { matchesFilter } from '../sql/index.ts';
import type { RuleProblem, RuleRecord, RuleTag, TopicRulePayload } from './definition.ts';
import { type CompiledRule, compileRule, type RulePorts } from './rule.ts';
import type { RuleRows } from './rule-rows.ts';

export interface TopicRule {
  readonly record: RuleRecord;
  readonly compiled: CompiledRule;
  /** Rules from the configuration file cannot be changed through the API. */
  readonly isConfigured: boolean;
}

/** Why a change was refused; nothing has changed then. */
export type RuleRefusal =
  | RuleProblem
  | { readonly code: 'Exists' | 'Unknown' | 'Configured' | 'Full'; readonly message: string };

/** A refused change. */
export class RuleError extends Error {
  override readonly name = 'RuleError';
  readonly refusal: RuleRefusal;
  constructor(refusal: RuleRefusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

/** The version of the row layout. */
const ROW_VERSION = 1;
/** Attempts to make a change while other processes change the same rule. */
const TRIES = 10;

interface RuleRow extends RuleRecord {
  readonly rowVersion: number;
}

export interface TopicRulesOptions {
  readonly rows: RuleRows;
  readonly ports: RulePorts;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Rules from the configuration file; they take precedence over stored rules of the same name. */
  readonly configured: readonly RuleRecord[];
  readonly log: Log;
}

/**
 * The topic rules known to this process: stored ones, which other processes may change too, and those of the
 * configuration file. Changes by this process are made one after the other, and apply to messages delivered after their
 * promise has resolved. All methods reject with RuleError for a refused change.
 */
export class TopicRules {
  readonly #options: TopicRulesOptions;
  /** By name, with the row that each rule was read from. */
  readonly #kept = new Map<string, { readonly rule: TopicRule; readonly text: string }>();
  readonly #configured = new Map<string, TopicRule>();
  readonly #listeners = new Set<() => void>();
  #version = 0;
  #last: Promise<unknown> = Promise.resolve();

  /**
   * Reads the stored rules. Rejects with StoreError for unreadable rows, with RuleError for an invalid configured rule.
   */
  static async open(options: TopicRulesOptions): Promise<TopicRules> {
    const rules = new TopicRules(options);
    const read = await options.rows.read();
    for (const row of read?.rows ?? []) rules.#load(row);
    rules.#version = read?.version ?? 0;
    for (const record of options.configured) {
      const { ruleName } = record;
      const compiled = rules.#compile(record);
      if (rules.#kept.has(ruleName))
        options.log.warn(
          { ruleName },
          'the topic rule of the configuration file overrides the one of that name that was created through the API',
        );
      rules.#configured.set(ruleName, { record, compiled, isConfigured: true });
    }
    return rules;
  }

  private constructor(options: TopicRulesOptions) {
    this.#options = options;
  }

  /** Applies changes made by other processes. Rejects when the rows cannot be read. */
  refresh(): Promise<void> {
    return this.#inTurn(() => this.#refresh());
  }

  get(ruleName: string): TopicRule | undefined {
    return this.#configured.get(ruleName) ?? this.#kept.get(ruleName)?.rule;
  }

  /** Sorted by name. */
  list(): readonly TopicRule[] {
    const kept = [...this.#kept.values()].flatMap(({ rule }) =>
      this.#configured.has(rule.record.ruleName) ? [] : [rule],
    );
    return [...kept, ...this.#configured.values()].sort((a, b) =>
      a.record.ruleName < b.record.ruleName ? -1 : 1,
    );
  }

  /** Calls the listener after each change. Returns a function that unsubscribes it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  create(ruleName: string, payload: TopicRulePayload, tags: readonly RuleTag[]): Promise<CompiledRule> {
    return this.#change(() => {
      if (this.get(ruleName) !== undefined) throw refusal('Exists', `Topic rule ${ruleName} already exists`);
      const { limits } = this.#options.ports;
      if (this.list().length >= limits.topicRules)
        throw refusal('Full', `Number of topic rules exceeds the limit ${limits.topicRules}`);
      return { ruleName, payload, tags, createdAt: this.#options.now() };
    });
  }

  /** Replaces the whole definition; only tags and creation time are kept. */
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
    return this.#inTurn(() =>
      this.#commit(() => {
        this.#own(ruleName);
        return { change: [topicRuleKey(ruleName), null], made: undefined };
      }),
    );
  }

  /** The rules whose filter matches a topic, or equals that text. */
  matching(topic: string): readonly TopicRule[] {
    return this.list().filter(({ compiled: { statement } }) => {
      const { from } = statement;
      return from !== undefined && (from === topic || matchesFilter(from, topic));
    });
  }

  #change(make: () => RuleRecord): Promise<CompiledRule> {
    return this.#inTurn(() =>
      this.#commit(() => {
        const record = make();
        const compiled = this.#compile(record);
        const row: RuleRow = { rowVersion: ROW_VERSION, ...record };
        return { change: [topicRuleKey(record.ruleName), JSON.stringify(row)], made: compiled };
      }),
    );
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const done = this.#last.then(run);
    this.#last = done.catch(() => {});
    return done;
  }

  /** Commits a change of stored rules, and retries when another process was faster. */
  async #commit<T>(make: () => { readonly change: Change; readonly made: T }): Promise<T> {
    for (let left = TRIES; left > 0; left--) {
      const { change, made } = make();
      const version = await this.#options.rows.commit([change], this.#version);
      if (version === undefined) {
        await this.#refresh();
        continue;
      }
      this.#version = version;
      const [key, text] = change;
      if (text === null) this.#kept.delete(nameOf(key));
      else this.#load([key, text]);
      this.#tell();
      return made;
    }
    throw new Fault('ServiceUnavailableException', 'The topic rules keep changing; try again later');
  }

  async #refresh(): Promise<void> {
    const read = await this.#options.rows.read(this.#version);
    if (read === undefined) return;
    const present = new Set(read.rows.map(([key]) => nameOf(key)));
    for (const name of this.#kept.keys()) if (!present.has(name)) this.#kept.delete(name);
    for (const row of read.rows) {
      try {
        this.#load(row);
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        // It may come from a later version during an upgrade; the other rules stay active.
        this.#leaveOut(nameOf(row[0]), error.message);
      }
    }
    this.#version = read.version;
    this.#tell();
  }

  #own(ruleName: string): TopicRule {
    const rule = this.get(ruleName);
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

  #load([key, text]: Row): void {
    if (this.#kept.get(nameOf(key))?.text === text) return;
    const record = readRuleRow(key, text);
    // Rules stored under other settings are kept: an action that is refused now is not run.
    const ports = { ...this.#options.ports, unsupportedActions: 'skip' as const };
    const result = compileRule(record, ports);
    // It was created by a version that took it; the server runs without it.
    if (!result.ok) {
      this.#leaveOut(record.ruleName, result.problem.message);
      return;
    }
    const rule = { record, compiled: result.rule, isConfigured: false };
    this.#kept.set(record.ruleName, { rule, text });
  }

  /** The row stays; a rule created under that name replaces it. */
  #leaveOut(ruleName: string, why: string): void {
    this.#options.log.error({ ruleName }, `a topic rule is not run: ${why}`);
    this.#kept.delete(ruleName);
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

function nameOf(key: string): string {
  return key.slice(topicRuleKey('').length);
}

function refusal(code: 'Exists' | 'Unknown' | 'Configured' | 'Full', message: string): RuleError {
  return new RuleError({ code, message });
}
