import { Fault } from '../../runtime/fault.ts';
import type { Log } from '../../runtime/log.ts';
import { allOf } from '../all-of.ts';
import { Binary } from '../sql/index.ts';
import type { Failure, Occasion, RuleAction } from './action.ts';
import type { RuleMetrics } from './metrics.ts';
import type { Publication } from './publication.ts';
import { type MessageContext, PublishedMessage } from './published-message.ts';
import type { CompiledRule } from './rule.ts';
import { type Routing, RuleSet } from './rule-set.ts';
import type { TopicRules } from './topic-rules.ts';

/** Processes SiteWise property values. Resolves when their outcome is durable; rejects with Fault when it is not. */
export type FeedProperties = (payload: Buffer, lane: string) => Promise<void>;

/** What the engine needs while a data directory is open. */
export interface RuleBase {
  readonly rules: TopicRules;
  readonly feedProperties: FeedProperties;
}

export interface RuleEngineOptions extends MessageContext {
  readonly log: Log;
  readonly metrics: RuleMetrics;
}

/**
 * Evaluates the topic rules on every published message (docs/topic-rules.md: The SQL).
 *
 * There is one engine for the whole process, across reopened data directories: while none is open, `deliver` rejects
 * with ServiceUnavailableException.
 */
export class RuleEngine {
  readonly #options: RuleEngineOptions;
  readonly #listeners = new Set<() => void>();
  #watcher: ((publication: Publication) => void) | undefined;
  #base: RuleBase | undefined;
  #set = new RuleSet([]);

  constructor(options: RuleEngineOptions) {
    this.#options = options;
  }

  /** Uses an open data directory from now on. Returns a function that detaches it. */
  attach(base: RuleBase): () => void {
    const refresh = () => {
      this.#set = new RuleSet(base.rules.list().map(({ compiled }) => compiled));
      for (const listener of this.#listeners) listener();
    };
    this.#base = base;
    refresh();
    const unsubscribe = base.rules.onChange(refresh);
    return () => {
      unsubscribe();
      if (this.#base === base) this.#base = undefined;
    };
  }

  /**
   * Runs every rule that matches the message, and passes SiteWise property values to alarm models. Resolves when the
   * outcome of each action is durable, or at once when no rule needs the message. A final failure of an action is an
   * outcome: its errorAction has run, and the failure is counted and logged.
   *
   * Messages reach the inputs in the order of the calls. Do not await one call before making the next, or each message
   * costs a commit of its own. Overload keeps the promise pending, so limit the number of messages in progress for each
   * client (docs/devices.md: Limits) and stop reading from its socket beyond that.
   *
   * Rejects with Fault when the outcome is not durable: do not acknowledge; the publisher must send the message again.
   */
  deliver(publication: Publication): Promise<void> {
    this.#watcher?.(publication);
    if (this.#base === undefined)
      return Promise.reject(new Fault('ServiceUnavailableException', 'The data directory is not open'));
    const routing = this.#set.route(publication.topic);
    if (routing.missing !== undefined) this.#notFound(publication, routing.missing);
    if (routing.rules.length === 0 && !routing.isProperty) return DONE;
    try {
      return this.#deliver(publication, routing, this.#base);
    } catch (error) {
      // Synchronous failures are reported like asynchronous ones.
      return Promise.reject(error);
    }
  }

  /** Calls the watcher for every message, before the rules see it. The watcher must not throw. */
  watch(watcher: (publication: Publication) => void): void {
    this.#watcher = watcher;
  }

  /** Whether `deliver` does anything for a topic. */
  needs(topic: string): boolean {
    const { rules, missing, isProperty } = this.#set.route(topic);
    return this.#base === undefined || rules.length > 0 || missing !== undefined || isProperty;
  }

  /**
   * The topic filters to subscribe to at an external broker, without those covered by others. The broker may refuse
   * `$aws/…` filters, which must not affect the others.
   */
  filters(): readonly string[] {
    return this.#set.filters;
  }

  /** Calls the listener after `filters()` may have changed. Returns a function that unsubscribes it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #deliver(publication: Publication, routing: Routing, base: RuleBase): Promise<void> {
    const { rules, topic, isProperty } = routing;
    const message = new PublishedMessage(publication, topic, this.#options);
    const [rule] = rules;
    if (rule !== undefined && rules.length === 1 && !isProperty) return this.#run(rule, message);
    const outcomes = rules.map((each) => this.#run(each, message));
    if (isProperty) outcomes.push(base.feedProperties(publication.payload, `topic ${publication.topic}`));
    return allOf(outcomes).then(() => undefined);
  }

  /** Evaluates and starts the actions synchronously, so that messages keep their order. */
  #run(rule: CompiledRule, message: PublishedMessage): Promise<void> {
    const { metrics, log } = this.#options;
    const { name: ruleName, statement } = rule;
    const { payload, topic } = message;
    metrics.topicMatch(ruleName);
    const isDebug = log.isLevelEnabled?.('debug') === true;
    if (isDebug)
      log.debug({ eventType: 'RuleMatch', ruleName, topic, traceId: message.trace }, 'a rule matches');
    if (payload.bytes.length > 0 && payload.value(statement.version) instanceof Binary)
      metrics.parseError(ruleName);
    const evaluation = statement.evaluate(message);
    if (evaluation.outcome === 'filtered') return DONE;
    if (evaluation.outcome === 'failed') {
      metrics.sqlFailure(ruleName);
      log.error(
        { eventType: 'FunctionExecution', ruleName, topic, traceId: message.trace },
        `the statement failed: ${evaluation.message}`,
      );
      return DONE;
    }
    metrics.executed(ruleName);
    if (isDebug)
      log.debug(
        { eventType: 'StartingRuleExecution', ruleName, topic, traceId: message.trace },
        'the actions of a topic rule start',
      );
    for (const kind of rule.skipped) metrics.skipped(ruleName, kind);
    const { value, scope } = evaluation;
    const occasion: Occasion = { ruleName, message, scope, isErrorAction: false };
    const [action] = rule.actions;
    // The common case without `allOf`: every promise of a message lives until it is on disk.
    if (action !== undefined && rule.actions.length === 1)
      return action.start(value, occasion, (failures) => {
        this.#note(action, failures, occasion);
        return this.#ended(rule, failures, occasion);
      });
    const started = rule.actions.map((each) =>
      each.start(value, occasion, (failures) => {
        this.#note(each, failures, occasion);
        return failures;
      }),
    );
    return allOf(started).then((failures) => this.#ended(rule, failures.flat(), occasion));
  }

  /** Counts and logs the outcome of an action. */
  #note({ kind, name }: RuleAction, failures: readonly Failure[], occasion: Occasion): void {
    const { metrics, log } = this.#options;
    metrics.action(occasion.ruleName, kind, failures.length > 0);
    for (const failure of failures)
      log.error(executionOf(failure, occasion), 'an action of a topic rule failed');
    if (failures.length > 0 || log.isLevelEnabled?.('debug') !== true) return;
    const { ruleName, message } = occasion;
    const { topic, trace: traceId } = message;
    log.debug(
      { eventType: 'RuleExecution', ruleName, topic, traceId, ruleAction: name, status: 'Success' },
      'an action of a topic rule succeeded',
    );
  }

  /** All actions have an outcome; reports the failed ones to the errorAction. */
  #ended(
    { errorAction, skippedErrorAction }: CompiledRule,
    failures: readonly Failure[],
    occasion: Occasion,
  ): Promise<void> | undefined {
    if (failures.length === 0) return undefined;
    if (skippedErrorAction !== undefined)
      this.#options.metrics.skipped(occasion.ruleName, skippedErrorAction);
    return errorAction && this.#runErrorAction(errorAction, failures, occasion);
  }

  /**
   * One message contains all failures. A failure of the errorAction itself is only counted and logged
   * (docs/topic-rules.md: Actions).
   */
  async #runErrorAction(action: RuleAction, failures: readonly Failure[], occasion: Occasion): Promise<void> {
    const { metrics, log } = this.#options;
    const value = errorMessage(failures, occasion);
    await action.start(value, { ...occasion, isErrorAction: true }, (failed) => {
      metrics.errorAction(occasion.ruleName, action.kind, failed.length > 0);
      for (const failure of failed)
        log.error(executionOf(failure, occasion), 'the error action of a topic rule failed');
    });
  }

  #notFound({ topic }: Publication, ruleName: string): void {
    this.#options.metrics.notFound();
    this.#options.log.error(
      { eventType: 'RuleNotFound', ruleName, topic },
      'a message is for a rule that is unknown or disabled',
    );
  }
}

const DONE = Promise.resolve();

/** A failed action as a log entry, with AWS's names. */
function executionOf({ failedAction, failedResource, errorMessage }: Failure, occasion: Occasion) {
  const { ruleName, message } = occasion;
  const { topic, trace: traceId, publication } = message;
  return {
    ...{ eventType: 'RuleExecution', ruleName, topic, traceId, clientId: publication.clientId },
    ...{ ruleAction: failedAction, resources: [failedResource], status: 'Failure', errorMessage },
  };
}

/** The documented payload of an errorAction. */
function errorMessage(failures: readonly Failure[], occasion: Occasion) {
  const { ruleName, message } = occasion;
  const { topic, trace: traceId, publication } = message;
  return {
    ruleName,
    topic,
    cloudwatchTraceId: traceId,
    clientId: publication.clientId ?? 'N/A',
    ...(publication.sourceIp !== undefined && { sourceIp: publication.sourceIp }),
    base64OriginalPayload: publication.payload.toString('base64'),
    failures: failures.map((failure) => ({ ...failure })),
  };
}
