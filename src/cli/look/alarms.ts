import { Command } from 'commander';
import type { ApiClient } from '../client.ts';
import { type Column, tableLines } from '../table.ts';
import {
  all,
  counted,
  eachOf,
  section,
  show,
  timeOf,
  type View,
  type ViewFlags,
  withViewFlags,
} from './view.ts';

interface Summary {
  readonly alarmModelName: string;
  readonly keyValue?: string;
  readonly stateName: string;
  readonly creationTime: number;
  readonly lastUpdateTime: number;
}

interface Alarm {
  readonly alarmModelName: string;
  readonly alarmModelVersion: string;
  readonly keyValue?: string;
  readonly severity?: number;
  readonly alarmState: {
    readonly stateName: string;
    readonly ruleEvaluation?: {
      readonly simpleRuleEvaluation?: {
        readonly inputPropertyValue: string;
        readonly operator: string;
        readonly thresholdValue: string;
      };
    };
    readonly customerAction?: Readonly<Record<string, unknown>>;
    readonly systemEvent?: Readonly<Record<string, unknown>>;
  };
  readonly creationTime: number;
  readonly lastUpdateTime: number;
}

interface Flags extends ViewFlags {
  readonly state?: string;
}

/** `tripline alarms`. */
export function alarmsCommand(): Command {
  const example =
    '  tripline alarms\n' + '  tripline alarms --state ACTIVE --watch\n' + '  tripline alarms --json';
  return withViewFlags(new Command('alarms'), example)
    .description('List the alarms of all alarm models or of one, or show one alarm')
    .argument('[model]', 'name of the alarm model')
    .argument('[key]', 'key value of one alarm')
    .option('--state <name>', 'only those in this state, such as ACTIVE or SNOOZE_DISABLED')
    .action((model: string | undefined, key: string | undefined, flags: Flags) =>
      show(flags, (client) =>
        model !== undefined && key !== undefined
          ? one(client, model, key)
          : list(client, model, flags.state?.toUpperCase()),
      ),
    );
}

async function list(client: ApiClient, model: string | undefined, state: string | undefined): Promise<View> {
  const models = model === undefined ? await modelNames(client) : [model];
  const found = await eachOf(models, (name) =>
    all<Summary>(client, `/alarms/${encodeURIComponent(name)}`, 'alarmSummaries'),
  );
  const alarms = found.flat().filter(({ stateName }) => state === undefined || stateName === state);
  const columns: Column<Summary>[] = [
    { title: 'ALARM MODEL', cell: ({ alarmModelName }) => alarmModelName },
    { title: 'KEY', cell: ({ keyValue }) => keyValue ?? '–', flexible: true },
    { title: 'STATE', cell: ({ stateName }) => stateName },
    { title: 'UPDATED', cell: ({ lastUpdateTime }) => timeOf(lastUpdateTime) },
  ];
  const where = state === undefined ? '' : ` in state ${state}`;
  const lines = (width: number) =>
    alarms.length === 0
      ? [`There are no alarms${where}.`]
      : [...tableLines(columns, alarms, width), counted(alarms.length, 'alarm')];
  return { json: { alarmSummaries: alarms }, lines };
}

async function modelNames(client: ApiClient): Promise<string[]> {
  const models = await all<{ alarmModelName: string }>(client, '/alarm-models', 'alarmModelSummaries');
  return models.map(({ alarmModelName }) => alarmModelName);
}

async function one(client: ApiClient, model: string, key: string): Promise<View> {
  const path = `/alarms/${encodeURIComponent(model)}/keyValues/?keyValue=${encodeURIComponent(key)}`;
  const alarm = (await client.call('GET', path)).alarm as Alarm;
  return { json: { alarm }, lines: () => describe(alarm) };
}

function describe(alarm: Alarm): string[] {
  const { alarmModelName, alarmModelVersion, keyValue, severity, alarmState } = alarm;
  const { stateName, ruleEvaluation, customerAction, systemEvent } = alarmState;
  const times = `created ${timeOf(alarm.creationTime)}, updated ${timeOf(alarm.lastUpdateTime)}`;
  const rule = ruleEvaluation?.simpleRuleEvaluation;
  const why: [string, string][] = [];
  if (rule !== undefined)
    why.push(['rule', `${rule.inputPropertyValue} ${rule.operator} ${rule.thresholdValue}`]);
  if (customerAction !== undefined) why.push(['operator', causeOf(customerAction, 'actionName')]);
  if (systemEvent !== undefined) why.push(['event', causeOf(systemEvent, 'eventType')]);
  return [
    `${alarmModelName}${keyValue === undefined ? '' : ` ${keyValue}`}: ${stateName}`,
    `version ${alarmModelVersion}${severity === undefined ? '' : `, severity ${severity}`}, ${times}`,
    ...section('Why', why),
    ...(stateName === 'DISABLED' ? ['', ENABLE_HINT] : []),
  ];
}

const ENABLE_HINT =
  'A disabled alarm does not evaluate its rule until it is enabled: BatchEnableAlarm, or the console.\n' +
  'Alarms begin disabled unless the model sets disabledOnInitialization to false.';

/** An action or an event with its details: `SNOOZE {"snoozeDuration":60}`. */
function causeOf(cause: Readonly<Record<string, unknown>>, nameMember: string): string {
  const details = Object.entries(cause).filter(([member]) => member !== nameMember);
  return [String(cause[nameMember]), ...details.map(([, value]) => JSON.stringify(value))].join(' ');
}
