import { Counter, type Registry } from 'prom-client';

/** Counters of topic rules, in the words of AWS's metrics (spec: topic-rules 4.5). */
export class RuleMetrics {
  readonly #topicMatch: Counter;
  readonly #executed: Counter;
  readonly #parseError: Counter;
  readonly #sqlFailure: Counter;
  readonly #notFound: Counter;
  readonly #throttled: Counter;
  readonly #success: Counter;
  readonly #failure: Counter;
  readonly #errorActionSuccess: Counter;
  readonly #errorActionFailure: Counter;
  readonly #skipped: Counter;
  readonly #propertyValues: Counter;

  constructor(registry: Registry) {
    const counter = (name: string, help: string, labelNames: string[] = ['rule']) =>
      new Counter({ name: `tripline_${name}_total`, help, labelNames, registers: [registry] });
    const byAction = ['rule', 'action'];
    this.#topicMatch = counter('rule_topic_match', 'Messages whose topic a rule matches');
    this.#executed = counter('rules_executed', 'Messages whose actions a rule has run');
    this.#parseError = counter('rule_parse_error', 'Payloads that were not a JSON object or array');
    this.#sqlFailure = counter('rule_sql_failure', 'Evaluations that exceeded the limits of a statement');
    this.#notFound = counter(
      'rule_not_found',
      'Basic Ingest messages for a rule that is unknown or disabled',
      [],
    );
    this.#throttled = counter('rule_message_throttled', 'Messages that had to wait because of overload', []);
    this.#success = counter('rule_action_success', 'Actions that succeeded', byAction);
    this.#failure = counter('rule_action_failure', 'Actions that failed', byAction);
    this.#errorActionSuccess = counter('rule_error_action_success', 'Error actions that succeeded', byAction);
    this.#errorActionFailure = counter('rule_error_action_failure', 'Error actions that failed', byAction);
    this.#skipped = counter('rule_actions_skipped', 'Actions of kinds that are kept and not run', byAction);
    this.#propertyValues = counter('sitewise_property_values', 'SiteWise property values by outcome', [
      'outcome',
    ]);
  }

  topicMatch(rule: string): void {
    this.#topicMatch.inc({ rule });
  }

  executed(rule: string): void {
    this.#executed.inc({ rule });
  }

  parseError(rule: string): void {
    this.#parseError.inc({ rule });
  }

  sqlFailure(rule: string): void {
    this.#sqlFailure.inc({ rule });
  }

  notFound(): void {
    this.#notFound.inc();
  }

  throttled(): void {
    this.#throttled.inc();
  }

  action(rule: string, action: string, isFailed: boolean): void {
    (isFailed ? this.#failure : this.#success).inc({ rule, action });
  }

  errorAction(rule: string, action: string, isFailed: boolean): void {
    (isFailed ? this.#errorActionFailure : this.#errorActionSuccess).inc({ rule, action });
  }

  skipped(rule: string, action: string): void {
    this.#skipped.inc({ rule, action });
  }

  propertyValues(outcome: 'accepted' | 'ignored' | 'refused', count: number): void {
    this.#propertyValues.inc({ outcome }, count);
  }
}
