import { Command } from 'commander';
import type { ApiClient } from '../client.ts';
import { type Column, tableLines } from '../table.ts';
import { all, counted, eachOf, show, timeOf, type View, type ViewFlags, withViewFlags } from './view.ts';

interface Summary {
  readonly alarmModelName: string;
  readonly keyValue?: string;
  readonly stateName: string;
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
  const { alarm } = await client.call('GET', path);
  return { json: { alarm }, lines: () => JSON.stringify(alarm, null, 2).split('\n') };
}
