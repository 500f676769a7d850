import { Command } from 'commander';
import type { ApiClient } from '../client.ts';
import { type Column, tableLines } from '../table.ts';
import { evaluationLines, readEvaluations } from './evaluations.ts';
import {
  all,
  counted,
  durationOf,
  section,
  show,
  timeOf,
  type View,
  type ViewFlags,
  withViewFlags,
} from './view.ts';

interface Summary {
  readonly keyValue?: string;
  readonly state: { readonly stateName: string };
  readonly creationTime: number;
  readonly lastUpdateTime: number;
}

interface Detector {
  readonly detectorModelName: string;
  readonly keyValue?: string;
  readonly detectorModelVersion: string;
  readonly state: {
    readonly stateName: string;
    readonly variables: readonly { readonly name: string; readonly value: string }[];
    readonly timers: readonly { readonly name: string; readonly timestamp: number }[];
  };
  readonly creationTime: number;
  readonly lastUpdateTime: number;
}

interface Flags extends ViewFlags {
  readonly state?: string;
}

/** `tripline detectors`. */
export function detectorsCommand(): Command {
  const example =
    '  tripline detectors PumpPressure\n' +
    '  tripline detectors PumpPressure --state Overpressure\n' +
    '  tripline detectors PumpPressure P-101 --watch 1';
  return withViewFlags(new Command('detectors'), example)
    .description('List the detectors of a model, or show one with its variables, timers and last evaluations')
    .argument('<model>', 'name of the detector model')
    .argument('[key]', 'key value of one detector')
    .option('--state <name>', 'only those in this state')
    .action((model: string, key: string | undefined, flags: Flags) =>
      show(flags, (client) =>
        key === undefined ? list(client, model, flags.state) : one(client, model, key),
      ),
    );
}

async function list(client: ApiClient, model: string, state: string | undefined): Promise<View> {
  const query = state === undefined ? '' : `?stateName=${encodeURIComponent(state)}`;
  const path = `/detectors/${encodeURIComponent(model)}${query}`;
  const detectors = await all<Summary>(client, path, 'detectorSummaries');
  const columns: Column<Summary>[] = [
    { title: 'KEY', cell: ({ keyValue }) => keyValue ?? '–', flexible: true },
    { title: 'STATE', cell: ({ state }) => state.stateName },
    { title: 'CREATED', cell: ({ creationTime }) => timeOf(creationTime) },
    { title: 'UPDATED', cell: ({ lastUpdateTime }) => timeOf(lastUpdateTime) },
  ];
  const where = state === undefined ? '' : ` in state ${state}`;
  const lines = (width: number) =>
    detectors.length === 0
      ? [`${model} has no detectors${where}.`]
      : [...tableLines(columns, detectors, width), counted(detectors.length, 'detector')];
  return { json: { detectorSummaries: detectors }, lines };
}

async function one(client: ApiClient, model: string, key: string): Promise<View> {
  const path = `/detectors/${encodeURIComponent(model)}/keyValues/?keyValue=${encodeURIComponent(key)}`;
  const detector = (await client.call('GET', path)).detector as Detector;
  const remembered = await readEvaluations(client, model, key);
  const evaluations = 'evaluations' in remembered ? remembered.evaluations : [];
  return {
    json: { detector, evaluations },
    lines: () => [...describe(detector, Date.now()), '', 'Last evaluations', ...evaluationLines(remembered)],
  };
}

function describe(detector: Detector, now: number): string[] {
  const { detectorModelName, detectorModelVersion, keyValue, state, creationTime, lastUpdateTime } = detector;
  return [
    `${detectorModelName}${keyValue === undefined ? '' : ` ${keyValue}`}: ${state.stateName}`,
    `version ${detectorModelVersion}, created ${timeOf(creationTime)}, updated ${timeOf(lastUpdateTime)}`,
    ...section(
      'Variables',
      state.variables.map(({ name, value }) => [name, value] as const),
    ),
    ...section(
      'Timers',
      state.timers.map(({ name, timestamp }) => [name, remaining(timestamp * 1000, now)] as const),
    ),
  ];
}

function remaining(deadline: number, now: number): string {
  const at = new Date(deadline).toISOString();
  return deadline > now ? `in ${durationOf(deadline - now)} (${at})` : `expired at ${at}`;
}
