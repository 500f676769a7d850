import type { Limits } from '../../limits.ts';
import {
  type CompiledStatement,
  type CompiledTemplate,
  compileStatement,
  compileTemplate,
  describeError,
  type SqlError,
} from '../sql/index.ts';
import type { RuleAction } from './action.ts';
import {
  type ActionDefinition,
  DEFAULT_SQL_VERSION,
  type RuleProblem,
  type RuleRecord,
  type TopicRulePayload,
} from './definition.ts';
import { compileHeaders } from './headers.ts';
import type { InputQueue } from './input-queue.ts';
import { iotEventsAction } from './iot-events-action.ts';
import { type Republish, republishAction } from './republish-action.ts';

/** What compiled rules use to act. */
export interface RulePorts {
  readonly limits: Limits;
  readonly queue: () => InputQueue;
  readonly republish: Republish;
  readonly newUuid: () => string;
  /** What to do with kinds of actions that Tripline does not run: refuse the rule, or store it without running them. */
  readonly unsupportedActions: 'refuse' | 'skip';
}

export interface CompiledRule {
  readonly name: string;
  readonly statement: CompiledStatement;
  readonly actions: readonly RuleAction[];
  readonly errorAction: RuleAction | undefined;
  /** Kinds of actions that are stored but not run. */
  readonly skipped: readonly string[];
  /** The kind of an errorAction that is stored but not run. */
  readonly skippedErrorAction: string | undefined;
  readonly isDisabled: boolean;
  /** Warnings for the rule's author. */
  readonly warnings: readonly string[];
}

export type RuleResult =
  | { readonly ok: true; readonly rule: CompiledRule }
  | { readonly ok: false; readonly problem: RuleProblem };

export const SUPPORTED_ACTIONS = ['iotEvents', 'republish'];

/** Checks a rule like CreateTopicRule, and compiles it (docs/topic-rules.md: The operations). */
export function compileRule(record: Pick<RuleRecord, 'ruleName' | 'payload'>, ports: RulePorts): RuleResult {
  const { ruleName, payload } = record;
  const { limits } = ports;
  const bytes = Buffer.byteLength(JSON.stringify(payload));
  if (bytes > limits.topicRuleBytes)
    return invalid(`The rule has ${bytes} bytes as JSON; the limit is ${limits.topicRuleBytes}`);
  if (payload.actions.length > limits.actionsPerTopicRule)
    return invalid(
      `Number of actions ${payload.actions.length} exceeds the limit ${limits.actionsPerTopicRule}`,
    );
  const version = payload.awsIotSqlVersion ?? DEFAULT_SQL_VERSION;
  const statement = compileStatement(payload.sql, version, limits);
  if (!statement.ok) return refused(statement.error);
  const compiler = new ActionCompiler(statement.value, ports);
  for (const [index, action] of payload.actions.entries()) compiler.add(action, `actions[${index}]`);
  const skipped = [...compiler.skipped];
  const errorAction = payload.errorAction && compiler.compile(payload.errorAction, 'errorAction');
  if (compiler.problem !== undefined) return { ok: false, problem: compiler.problem };
  const { actions } = compiler;
  const rule: CompiledRule = {
    name: ruleName,
    statement: statement.value,
    actions,
    errorAction,
    skipped,
    skippedErrorAction: compiler.skipped[skipped.length],
    isDisabled: payload.ruleDisabled === true,
    warnings: [...statement.value.warnings, ...warningsOf(payload, compiler.skipped)],
  };
  return { ok: true, rule };
}

function warningsOf({ actions }: TopicRulePayload, skipped: readonly string[]): string[] {
  const warnings = skipped.map((kind) => `Its action ${kind} is stored but not run`);
  return actions.length === 0 ? [...warnings, 'It has no action'] : warnings;
}

function invalid(message: string): RuleResult {
  return { ok: false, problem: { code: 'InvalidRequestException', message } };
}

function refused(error: SqlError): RuleResult {
  return { ok: false, problem: sqlProblem(error) };
}

function sqlProblem(error: SqlError, where = ''): RuleProblem {
  if (error.code === 'UNSUPPORTED')
    return { code: 'InvalidRequestException', message: where + error.message };
  return { code: 'SqlParseException', message: where + describeError(error) };
}

class ActionCompiler {
  readonly actions: RuleAction[] = [];
  readonly skipped: string[] = [];
  problem: RuleProblem | undefined;
  readonly #ports: RulePorts;
  readonly #options: Parameters<typeof compileTemplate>[1];

  constructor({ version, variables }: CompiledStatement, ports: RulePorts) {
    this.#ports = ports;
    this.#options = { version, variables, limits: ports.limits };
  }

  add(definition: ActionDefinition, where: string): void {
    const action = this.compile(definition, where);
    if (action !== undefined) this.actions.push(action);
  }

  compile(definition: ActionDefinition, where: string): RuleAction | undefined {
    const kinds = Object.keys(definition).filter((kind) => definition[kind] !== undefined);
    const [kind] = kinds;
    if (kind === undefined || kinds.length > 1) {
      const found = kind === undefined ? 'none' : kinds.join(', ');
      return this.#fail(`${where}: an action has exactly one kind; found ${found}`);
    }
    if (definition.iotEvents !== undefined) return this.#iotEvents(definition.iotEvents, where);
    if (definition.republish !== undefined) return this.#republish(definition.republish, where);
    if (this.#ports.unsupportedActions === 'skip') {
      this.skipped.push(kind);
      return undefined;
    }
    return this.#fail(
      `${where}: action "${kind}" is not supported by Tripline (supported: ${SUPPORTED_ACTIONS.join(', ')}); ` +
        'set mqtt.unsupportedActions to "skip" to store it and not run it',
    );
  }

  #iotEvents(given: NonNullable<ActionDefinition['iotEvents']>, where: string): RuleAction | undefined {
    const { limits, queue, newUuid } = this.#ports;
    const batchMode = given.batchMode === true;
    if (batchMode && given.messageId !== undefined)
      return this.#fail(`${where}.iotEvents: messageId cannot be given together with batchMode`);
    const inputName = this.#template(given.inputName, `${where}.iotEvents.inputName`);
    const messageId =
      given.messageId === undefined
        ? undefined
        : this.#template(given.messageId, `${where}.iotEvents.messageId`);
    if (inputName === undefined || this.problem !== undefined) return undefined;
    return iotEventsAction({ inputName, messageId, batchMode, limits, queue, newUuid });
  }

  #republish(given: NonNullable<ActionDefinition['republish']>, where: string): RuleAction | undefined {
    const { limits, republish } = this.#ports;
    const topic = this.#template(given.topic, `${where}.republish.topic`);
    const headers = given.headers && compileHeaders(given.headers, this.#options);
    if (headers?.ok === false) {
      this.problem ??= sqlProblem(headers.error, `${where}.republish.headers: `);
      return undefined;
    }
    if (topic === undefined) return undefined;
    return republishAction({
      topic,
      qos: given.qos === 1 ? 1 : 0,
      headers: headers?.value,
      limits,
      republish,
    });
  }

  #template(text: string, where: string): CompiledTemplate | undefined {
    const template = compileTemplate(text, this.#options);
    if (template.ok) return template.value;
    this.problem ??= sqlProblem(template.error, `${where}: `);
    return undefined;
  }

  #fail(message: string): undefined {
    this.problem ??= { code: 'InvalidRequestException', message };
    return undefined;
  }
}
