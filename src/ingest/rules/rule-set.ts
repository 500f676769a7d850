import { TopicTree } from '../topic-tree.ts';
import type { CompiledRule } from './rule.ts';
import { uncovered } from './subscriptions.ts';

const BASIC_INGEST = '$aws/rules/';
/** Property notifications of AWS IoT SiteWise, for alarm models (docs/devices.md: Limits). */
const PROPERTIES = '$aws/sitewise/asset-models/+/assets/+/properties/+';
const PROPERTY_TOPIC = /^\$aws\/sitewise\/asset-models\/[^/]+\/assets\/[^/]+\/properties\/[^/]+$/;

/** The destinations of a message. */
export interface Routing {
  readonly rules: readonly CompiledRule[];
  /** Without the Basic Ingest prefix. */
  readonly topic: string;
  /** The rule named by a Basic Ingest topic that is unknown or disabled. */
  readonly missing: string | undefined;
  readonly isProperty: boolean;
}

/** The enabled rules, indexed by topic; rebuilt after each change. */
export class RuleSet {
  readonly #byName: ReadonlyMap<string, CompiledRule>;
  readonly #byFilter = new TopicTree<CompiledRule>({ restIncludesParent: false });
  readonly #subscribed: readonly string[];
  #filters: readonly string[] | undefined;

  constructor(rules: readonly CompiledRule[]) {
    const enabled = rules.filter(({ isDisabled }) => !isDisabled);
    this.#byName = new Map(enabled.map((rule) => [rule.name, rule]));
    const filters = [PROPERTIES];
    if (enabled.length > 0) filters.push(`${BASIC_INGEST}+/#`);
    for (const rule of enabled) {
      const { from } = rule.statement;
      if (from === undefined) continue;
      this.#byFilter.add(from, rule);
      filters.push(from);
    }
    this.#subscribed = filters;
  }

  /** Computed on demand: only an external broker needs it, and comparing all filters takes time. */
  get filters(): readonly string[] {
    this.#filters ??= uncovered(this.#subscribed);
    return this.#filters;
  }

  route(topic: string): Routing {
    if (isBasicIngest(topic)) return this.#ingest(topic);
    return {
      rules: this.#byFilter.match(topic),
      topic,
      missing: undefined,
      isProperty: PROPERTY_TOPIC.test(topic),
    };
  }

  /** FROM is not evaluated (docs/topic-rules.md: Delivery). */
  #ingest(topic: string): Routing {
    const end = topic.indexOf('/', BASIC_INGEST.length);
    const name = topic.slice(BASIC_INGEST.length, end < 0 ? undefined : end);
    const rule = this.#byName.get(name);
    const rest = end < 0 ? '' : topic.slice(end + 1);
    return {
      rules: rule === undefined ? [] : [rule],
      topic: rest,
      missing: rule ? undefined : name,
      isProperty: false,
    };
  }
}

/** Whether a topic goes only to the rule that it names. */
export function isBasicIngest(topic: string): boolean {
  return topic.startsWith(BASIC_INGEST);
}
