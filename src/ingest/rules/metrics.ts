import { Counter, type Registry } from 'prom-client';
import { Tally } from '../../runtime/tally.ts';

/** Counters of topic rules, named after AWS's metrics (docs/topic-rules.md: Actions). */
export class RuleMetrics {
  readonly #topicMatch: Tally;
  readonly #executed: Tally;
  readonly #parseError: Tally;
  readonly #sqlFailure: Tally;
  readonly #notFound: Counter;
  readonly #throttled: Counter;
  readonly #success: Tally;
  readonly #failure: Tally;
  readonly #errorActionSuccess: Tally;
  readonly #errorActionFailure: Tally;
  readonly #skipped: Tally;
  readonly #propertyValues: Counter;

  constructor(registry: Registry) {
    const counter = (name: string, help: string, labelNames: string[] = []) =>
      new Counter({ name: `tripline_${name}_total`, help, labelNames, registers: [registry] });
    const byRule = (name: string, help: string) =>
      new Tally(registry, `tripline_${name}_total`, help, ['rule']);
    const byAction = (name: string, help: string) =>
      new Tally(registry, `tripline_${name}_total`, help, ['rule', 'action']);
    this.#topicMatch = byRule('rule_topic_match', 'Messages whose topic a rule matches');
    this.#executed = byRule('rules_executed', 'Messages whose actions a rule has run');
    this.#parseError = byRule('rule_parse_error', 'Payloads that were not a JSON object or array');
    this.#sqlFailure = byRule('rule_sql_failure', 'Evaluations that exceeded the limits of a statement');
    this.#notFound = counter(
      'rule_not_found',
      'Basic Ingest messages for a rule that is unknown or disabled',
    );
    this.#throttled = counter('rule_message_throttled', 'Messages that had to wait because of overload');
    this.#success = byAction('rule_action_success', 'Actions that succeeded');
    this.#failure = byAction('rule_action_failure', 'Actions that failed');
    this.#errorActionSuccess = byAction('rule_error_action_success', 'Error actions that succeeded');
    this.#errorActionFailure = byAction('rule_error_action_failure', 'Error actions that failed');
    this.#skipped = byAction('rule_actions_skipped', 'Actions of kinds that are stored but not run');
    this.#propertyValues = counter('sitewise_property_values', 'SiteWise property values by outcome', [
      'outcome',
    ]);
  }

  topicMatch(rule: string): void {
    this.#topicMatch.add(rule);
  }

  executed(rule: string): void {
    this.#executed.add(rule);
  }

  parseError(rule: string): void {
    this.#parseError.add(rule);
  }

  sqlFailure(rule: string): void {
    this.#sqlFailure.add(rule);
  }

  notFound(): void {
    this.#notFound.inc();
  }

  throttled(): void {
    this.#throttled.inc();
  }

  action(rule: string, action: string, isFailed: boolean): void {
    (isFailed ? this.#failure : this.#success).add(rule, action);
  }

  errorAction(rule: string, action: string, isFailed: boolean): void {
    (isFailed ? this.#errorActionFailure : this.#errorActionSuccess).add(rule, action);
  }

  skipped(rule: string, action: string): void {
    this.#skipped.add(rule, action);
  }

  propertyValues(outcome: 'accepted' | 'ignored' | 'refused', count: number): void {
    this.#propertyValues.inc({ outcome }, count);
  }
}
