import { DEFAULT_LIMITS, type Limits } from '../../limits.ts';
import type { Dependency, Evaluate, Node, SitewiseReference } from '../expression/index.ts';
import { numberOf } from '../expression/numbers.ts';
import { EXTERNAL_ACTION_TYPES } from '../model/action-fields.ts';
import type { CompiledAttribute } from '../model/attributes.ts';
import { type CompileProblem, ExpressionCompiler } from '../model/compile-expressions.ts';
import type { CompiledExternalAction } from '../model/compiled.ts';
import { parseJsonPath } from '../model/json-path.ts';
import type {
  AlarmAttribute,
  CompiledAlarmModel,
  CompiledIdentity,
  CompiledNotification,
  CompiledRule,
  SitewiseProperty,
} from './compiled.ts';
import {
  type AlarmAction,
  type AlarmModelDefinition,
  COMPARISON_OPERATORS,
  type NotificationAction,
  type RecipientDetail,
} from './definition.ts';
import { inputOfProperty, isProperty, readReference, SITEWISE_KEY } from './sitewise.ts';

export interface AlarmModelSource extends AlarmModelDefinition {
  readonly alarmModelName: string;
  readonly alarmModelVersion: string;
  readonly key?: string;
}

export type CompileAlarmResult =
  | { readonly ok: true; readonly model: CompiledAlarmModel }
  | { readonly ok: false; readonly problems: readonly CompileProblem[] };

/** Compiles an alarm model, or returns everything that is wrong with it. */
export function compileAlarmModel(
  source: AlarmModelSource,
  limits: Limits = DEFAULT_LIMITS,
): CompileAlarmResult {
  const compiler = new AlarmModelCompiler(limits);
  const rule = compiler.rule(source);
  const actions = (source.alarmEventActions?.alarmActions ?? []).flatMap((action, index) =>
    compiler.action(action, `alarmEventActions.alarmActions[${index}]`),
  );
  const notifications = (source.alarmNotification?.notificationActions ?? []).flatMap((action, index) =>
    compiler.notification(action, `alarmNotification.notificationActions[${index}]`),
  );
  const { problems, inputs, attributes } = compiler.expressions;
  if (rule === undefined || problems.length > 0) return { ok: false, problems };
  const { alarmModelName: name, alarmModelVersion: version, severity, key, alarmCapabilities } = source;
  return {
    ok: true,
    model: {
      name,
      version,
      key: key === undefined ? implicitKey(inputs.names[rule.input]) : parseJsonPath(key),
      severity,
      inputs: inputs.places,
      inputNames: inputs.names,
      attributes: byPlace(inputs.names, attributes.byInput),
      properties: compiler.properties,
      rule,
      // Reference: questions Q-ALARM-ACKDEF and Q-ALARM-DEFAULT.
      acknowledgeFlow: alarmCapabilities?.acknowledgeFlow?.enabled ?? false,
      disabledOnInitialization:
        alarmCapabilities?.initializationConfiguration?.disabledOnInitialization ?? true,
      actions,
      notifications,
    },
  };
}

function byPlace(
  inputNames: readonly string[],
  attributes: readonly (readonly CompiledAttribute[])[],
): AlarmAttribute[] {
  const placed: AlarmAttribute[] = [];
  for (const [input, inputName] of inputNames.entries())
    for (const { place, read } of attributes[input] ?? []) placed[place] = { inputName, read };
  return placed;
}

/** A model that watches a SiteWise property has one alarm per asset (reference: alarms 1). */
function implicitKey(watched = ''): readonly string[] | undefined {
  return isProperty(watched) ? SITEWISE_KEY : undefined;
}

const RULE = 'alarmRule.simpleRule';

class AlarmModelCompiler {
  readonly expressions: ExpressionCompiler;
  readonly properties: SitewiseProperty[] = [];

  constructor(limits: Limits) {
    this.expressions = new ExpressionCompiler(limits, {
      refuses,
      sitewise: (reference) => this.#sitewise(reference),
    });
  }

  /** Each side is a single reference; the threshold may also be a number (reference: alarms 1). */
  rule({ alarmRule: { simpleRule } }: AlarmModelSource): CompiledRule | undefined {
    if (simpleRule === undefined) {
      this.#problem(RULE, 'The alarm rule has no simpleRule');
      return undefined;
    }
    const { inputProperty, threshold, comparisonOperator: operator } = simpleRule;
    const left = this.expressions.parse(inputProperty, RULE, 'inputProperty');
    const right = this.expressions.parse(threshold, RULE, 'threshold');
    if (left === undefined || right === undefined) return undefined;
    if (!isReference(left)) {
      this.#problem(RULE, 'inputProperty: must refer to one attribute of an input or one SiteWise property');
      return undefined;
    }
    if (!isReference(right) && !isNumber(right)) {
      const expected = 'must be a number, or refer to one attribute of an input or one SiteWise property';
      this.#problem(RULE, `threshold: ${expected}`);
      return undefined;
    }
    const { start, end } = left;
    const comparison: Node = {
      kind: 'binary',
      operator: COMPARISON_OPERATORS[operator],
      left,
      right,
      start,
      end,
    };
    return {
      input: this.#inputOf(left),
      inputProperty: this.expressions.compile(left),
      operator,
      threshold: this.expressions.compile(right),
      isBreached: this.expressions.compile(comparison),
    };
  }

  action(action: AlarmAction, path: string): CompiledExternalAction[] {
    const types = EXTERNAL_ACTION_TYPES.filter((type) => action[type] !== undefined);
    const [type] = types;
    if (type === undefined || types.length > 1) {
      const unknown = types.length === 0 && Object.keys(action).length > 0 ? Object.keys(action) : [];
      const given = unknown.length === 0 ? '' : ` (${unknown.join(', ')} is not an action type)`;
      this.#problem(path, `An alarm action must have exactly one type, but has ${types.length}${given}`);
      return [];
    }
    return [this.expressions.external(type, action, path)];
  }

  notification(given: NotificationAction, path: string): CompiledNotification[] {
    const { action, emailConfigurations = [], smsConfigurations = [] } = given;
    if (action.lambdaAction === undefined) {
      this.#problem(`${path}.action`, 'The notification has no lambdaAction');
      return [];
    }
    const { functionArn, payload } = action.lambdaAction;
    return [
      {
        place: path,
        functionArn,
        payload: this.expressions.payload(payload, `${path}.action.lambdaAction`),
        emails: emailConfigurations.map(({ from, content, recipients }, index) => {
          const at = `${path}.emailConfigurations[${index}]`;
          return {
            from: this.expressions.text(from, at, 'from'),
            subject: this.#text(content?.subject, `${at}.content`, 'subject'),
            additionalMessage: this.#text(content?.additionalMessage, `${at}.content`, 'additionalMessage'),
            to: this.#recipients(recipients.to ?? [], `${at}.recipients.to`),
          };
        }),
        sms: smsConfigurations.map(({ senderId, additionalMessage, recipients }, index) => {
          const at = `${path}.smsConfigurations[${index}]`;
          return {
            senderId: this.#text(senderId, at, 'senderId'),
            additionalMessage: this.#text(additionalMessage, at, 'additionalMessage'),
            to: this.#recipients(recipients, `${at}.recipients`),
          };
        }),
      },
    ];
  }

  #recipients(recipients: readonly RecipientDetail[], path: string): CompiledIdentity[] {
    return recipients.flatMap(({ ssoIdentity }, index) => {
      const at = `${path}[${index}]`;
      if (ssoIdentity === undefined) {
        this.#problem(at, 'The recipient has no ssoIdentity');
        return [];
      }
      const identityStoreId = this.expressions.text(ssoIdentity.identityStoreId, at, 'identityStoreId');
      return [{ identityStoreId, userId: this.#text(ssoIdentity.userId, at, 'userId') }];
    });
  }

  #text(text: string | undefined, path: string, field: string): string | Evaluate | undefined {
    return text === undefined ? undefined : this.expressions.text(text, path, field);
  }

  #sitewise(reference: SitewiseReference): number {
    const found = readReference(reference);
    if (found === undefined) return -1;
    const { property, read } = found;
    if (!this.properties.some(({ propertyId }) => propertyId === property.propertyId)) {
      this.properties.push(property);
    }
    return this.expressions.attribute(inputOfProperty(property.propertyId), read);
  }

  #inputOf(node: Node): number {
    if (node.kind === 'input') return this.expressions.input(node.name);
    const found = readReference(node as SitewiseReference);
    return this.expressions.input(inputOfProperty(found?.property.propertyId ?? ''));
  }

  #problem(path: string, message: string): void {
    this.expressions.problems.push({ path, message });
  }
}

const PROPERTY = '$sitewise.assetModel.`assetModelId`.`propertyId`.propertyValue.value';

function refuses({ kind, node }: Dependency): string | undefined {
  if (kind === 'variable') return '$variable can only be used in detector models';
  if (kind === 'timeout') return 'timeout() can only be used in detector models';
  if (kind !== 'sitewise' || readReference(node as SitewiseReference) !== undefined) return undefined;
  return `a reference to a SiteWise property has the form ${PROPERTY}`;
}

function isReference(node: Node): boolean {
  return (node.kind === 'input' && node.path.length > 0) || node.kind === 'sitewise';
}

function isNumber(node: Node): boolean {
  return node.kind === 'literal' && numberOf(node.value) !== undefined;
}
