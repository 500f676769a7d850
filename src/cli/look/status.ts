import { Command } from 'commander';
import { CommandError } from '../../server/usage-error.ts';
import type { ApiClient } from '../client.ts';
import { all, counted, show, type View, type ViewFlags, withViewFlags } from './view.ts';

interface Status {
  readonly ready: boolean;
  /** Why it is not ready. */
  readonly reason?: string;
  readonly version?: string;
  readonly inputs: number;
  readonly detectorModels: number;
  readonly alarmModels: number;
  readonly detectors: number;
  readonly alarms: number;
  readonly queuedMessages: number;
  /** Seconds for which the most overdue timer has waited. */
  readonly timersLate: number;
  readonly actionsPending: number;
  readonly actionsFailed: number;
  readonly targetsDown: readonly string[];
}

/** `tripline status`. */
export function statusCommand(setExitCode: (code: number) => void): Command {
  return withViewFlags(new Command('status'), '  tripline status\n  tripline status --json')
    .description('Show the state of a running server: counts, what is waiting, targets that are down')
    .action((flags: ViewFlags) =>
      show(flags, async (client) => {
        const view = await statusOf(client);
        setExitCode(view.json.ready ? 0 : 1);
        return view;
      }),
    );
}

async function statusOf(client: ApiClient): Promise<View & { readonly json: Status }> {
  const { ok: ready, text } = await client.text('/readyz');
  const metrics = await client.text('/metrics');
  if (!metrics.ok)
    throw new CommandError(`${stateOf(ready, text)}; its metrics cannot be read: ${reasonIn(metrics.text)}`);
  const samples = readSamples(metrics.text);
  const sum = (name: string) => samplesOf(samples, name).reduce((total, { value }) => total + value, 0);
  const count = async (path: string, member: string) =>
    ready ? (await all<unknown>(client, path, member)).length : 0;
  const version = samplesOf(samples, 'tripline_build_info')[0]?.labels.version;
  const json: Status = {
    ready,
    ...(!ready && { reason: text.trim() }),
    ...(version !== undefined && { version }),
    inputs: await count('/inputs', 'inputSummaries'),
    detectorModels: await count('/detector-models', 'detectorModelSummaries'),
    alarmModels: await count('/alarm-models', 'alarmModelSummaries'),
    detectors: sum('tripline_detectors'),
    alarms: sum('tripline_alarms'),
    queuedMessages: sum('tripline_queued_messages'),
    timersLate: sum('tripline_timers_overdue_seconds'),
    actionsPending: sum('tripline_actions_pending'),
    actionsFailed: sum('tripline_actions_failed'),
    targetsDown: samplesOf(samples, 'tripline_target_down')
      .filter(({ value }) => value > 0)
      .map(({ labels }) => labels.target ?? ''),
  };
  return { json, lines: () => describe(json) };
}

function stateOf(ready: boolean, reason: string, version = ''): string {
  return `Tripline${version === '' ? '' : ` ${version}`} is ${ready ? 'ready' : `not ready: ${reason.trim()}`}`;
}

/** The message of an exception; the whole text when it is not one. */
function reasonIn(text: string): string {
  try {
    return String((JSON.parse(text) as { readonly message?: unknown }).message ?? text);
  } catch {
    return text.trim();
  }
}

function describe(status: Status): string[] {
  const { ready, reason, version, targetsDown } = status;
  const shows = (wanted: string) => ` ("tripline actions list --status ${wanted}" shows why)`;
  return [
    stateOf(ready, reason ?? '', version),
    `  ${counted(status.inputs, 'input')}, ${counted(status.detectorModels, 'detector model')}, ${counted(status.alarmModels, 'alarm model')}`,
    `  ${counted(status.detectors, 'detector')}, ${counted(status.alarms, 'alarm')}`,
    `  ${counted(status.queuedMessages, 'message')} waiting for evaluation`,
    ...(status.timersLate < 1 ? [] : [`  timers are ${status.timersLate.toFixed(1)} s late`]),
    `  ${counted(status.actionsPending, 'action')} pending, ${status.actionsFailed} failed${status.actionsFailed > 0 ? shows('FAILED') : ''}`,
    ...targetsDown.map((target) => `  target down: ${target}${shows('PENDING')}`),
  ];
}

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The samples of the Prometheus text format. */
function readSamples(text: string): Sample[] {
  return [...text.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm)].map(([, name = '', labels = '', value]) => ({
    name,
    labels: Object.fromEntries(
      [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label, content]) => [label, content]),
    ),
    value: Number(value),
  }));
}

function samplesOf(samples: readonly Sample[], name: string): Sample[] {
  return samples.filter((sample) => sample.name === name);
}
