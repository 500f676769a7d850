import { compileAlarmModel } from '../../../src/core/alarm/compile.ts';
import type { ComparisonOperator } from '../../../src/core/alarm/definition.ts';
import type { Input } from '../api/operations.ts';
import type { AlarmModel } from '../api/queries.ts';

/** An alarm model as the form has it. */
export interface AlarmDraft {
  readonly name: string;
  readonly description: string;
  readonly roleArn: string;
  /** Empty for none. */
  readonly severity: string;
  /** Empty for a model with one alarm. */
  readonly key: string;
  readonly inputProperty: string;
  readonly operator: ComparisonOperator;
  readonly threshold: string;
  readonly acknowledges: boolean;
  readonly startsEnabled: boolean;
  /** JSON: what the form has no fields for. */
  readonly actions: string;
  readonly notifications: string;
}

export const EMPTY_DRAFT: AlarmDraft = {
  name: '',
  description: '',
  roleArn: 'arn:aws:iam::000000000000:role/Tripline',
  severity: '',
  key: '',
  inputProperty: '',
  operator: 'GREATER',
  threshold: '',
  acknowledges: true,
  startsEnabled: true,
  actions: '[]',
  notifications: '[]',
};

export function draftOf(model: AlarmModel): AlarmDraft {
  const rule = model.alarmRule?.simpleRule;
  const { acknowledgeFlow, initializationConfiguration } = model.alarmCapabilities ?? {};
  return {
    name: model.alarmModelName ?? '',
    description: model.alarmModelDescription ?? '',
    roleArn: model.roleArn ?? '',
    severity: model.severity === undefined ? '' : String(model.severity),
    key: model.key ?? '',
    inputProperty: rule?.inputProperty ?? '',
    operator: rule?.comparisonOperator ?? 'GREATER',
    threshold: rule?.threshold ?? '',
    acknowledges: acknowledgeFlow?.enabled ?? false,
    // What is not said is disabled at first.
    startsEnabled: initializationConfiguration?.disabledOnInitialization === false,
    actions: textOf(model.alarmEventActions?.alarmActions),
    notifications: textOf(model.alarmNotification?.notificationActions),
  };
}

export type ReadDraft =
  | { readonly ok: true; readonly request: Input<'CreateAlarmModel'> }
  | { readonly ok: false; readonly problems: readonly string[] };

/** The request that creates the model, or what keeps it from being one; the same compiler as the server's says so. */
export function readDraft(draft: AlarmDraft): ReadDraft {
  const problems: string[] = [];
  const actions = listIn(draft.actions, 'The actions', problems);
  const notifications = listIn(draft.notifications, 'The notifications', problems);
  const severity = draft.severity === '' ? undefined : Number(draft.severity);
  if (severity !== undefined && !(Number.isInteger(severity) && severity >= 0))
    problems.push('The severity is a whole number, or empty');
  if (problems.length > 0) return { ok: false, problems };
  const request = {
    alarmModelName: draft.name,
    ...(draft.description !== '' && { alarmModelDescription: draft.description }),
    roleArn: draft.roleArn,
    ...(severity !== undefined && { severity }),
    ...(draft.key !== '' && { key: draft.key }),
    alarmRule: {
      simpleRule: {
        inputProperty: draft.inputProperty,
        comparisonOperator: draft.operator,
        threshold: draft.threshold,
      },
    },
    ...(actions.length > 0 && { alarmEventActions: { alarmActions: actions } }),
    ...(notifications.length > 0 && { alarmNotification: { notificationActions: notifications } }),
    alarmCapabilities: {
      initializationConfiguration: { disabledOnInitialization: !draft.startsEnabled },
      acknowledgeFlow: { enabled: draft.acknowledges },
    },
  };
  const compiled = compileAlarmModel({ ...(request as never as AlarmSource), alarmModelVersion: '1' });
  if (compiled.ok) return { ok: true, request: request as Input<'CreateAlarmModel'> };
  return { ok: false, problems: compiled.problems.map(({ message }) => inWordsOfTheForm(message)) };
}

/** The compiler names members of the definition, the form its fields. */
function inWordsOfTheForm(message: string): string {
  return message.replace(/^inputProperty: /, 'Attribute: ').replace(/^threshold: /, 'Threshold: ');
}

type AlarmSource = Parameters<typeof compileAlarmModel>[0];

function textOf(list: readonly unknown[] | undefined): string {
  return JSON.stringify(list ?? [], undefined, 2);
}

function listIn(text: string, what: string, problems: string[]): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text === '' ? '[]' : text);
    if (Array.isArray(value) && value.every((each) => typeof each === 'object' && each !== null))
      return value;
    problems.push(`${what} are a JSON list of objects`);
  } catch (error) {
    problems.push(`${what} are no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  return [];
}
