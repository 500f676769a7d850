import { Command, Option } from 'commander';
import { EXECUTION_STATUSES, EXECUTION_TYPES, type Execution } from '../../runtime/delivery/execution.ts';
import { UsageError } from '../../server/usage-error.ts';
import { connect, type ServerFlags, SIGNING_HELP, withServerFlags } from '../client.ts';
import { writeTable } from './table.ts';

const PATH = '/_tripline/actions';
const MOST_RESULTS = 250;

interface Flags extends ServerFlags {
  readonly model?: string;
  readonly alarmModel?: string;
  readonly key?: string;
  readonly status?: string;
  readonly type?: string;
  readonly target?: string;
  readonly json?: boolean;
  readonly all?: boolean;
  readonly limit?: string;
}

/** `tripline actions`: the delivered, waiting and failed actions of a running server. */
export function actionsCommand(): Command {
  return new Command('actions')
    .description('List the actions of a running server, send failed ones again or discard them')
    .addCommand(listCommand())
    .addCommand(redriveCommand())
    .addCommand(discardCommand())
    .addHelpText('after', EXAMPLE);
}

function listCommand(): Command {
  return filtered(new Command('list'))
    .description('List action executions, newest first')
    .addOption(statusOption(EXECUTION_STATUSES))
    .option('--limit <number>', 'how many to list', '50')
    .addHelpText(
      'after',
      `${SIGNING_HELP}\n\nExample:\n  tripline actions list --limit 10\n  tripline actions list --status FAILED --json`,
    )
    .action((flags: Flags) => list(flags));
}

function redriveCommand(): Command {
  return filtered(new Command('redrive'))
    .description('Send a failed action again, or all failed actions that match the filters')
    .argument('[actionExecutionId]', 'the ID that "tripline actions list --json" shows')
    .option('--all', 'all failed actions that match the filters')
    .addHelpText('after', `${SIGNING_HELP}\n\nExample:\n  tripline actions redrive --all --type sqs`)
    .action((id: string | undefined, flags: Flags) => change('redrive', id, flags));
}

function discardCommand(): Command {
  return filtered(new Command('discard'))
    .description('Discard an action, or all actions that match the filters')
    .argument('[actionExecutionId]', 'the ID that "tripline actions list --json" shows')
    .option('--all', 'all failed actions that match the filters')
    .addOption(statusOption(['FAILED', 'PENDING']))
    .addHelpText('after', `${SIGNING_HELP}\n\nExample:\n  tripline actions discard --all --status FAILED`)
    .action((id: string | undefined, flags: Flags) => change('discard', id, flags));
}

function filtered(command: Command): Command {
  return withServerFlags(command)
    .option('--model <name>', 'only of this detector model')
    .option('--alarm-model <name>', 'only of this alarm model')
    .option('--key <value>', 'only of this key value')
    .addOption(new Option('--type <type>', 'only of this type').choices(EXECUTION_TYPES))
    .option('--target <target>', 'only to this target, as the list shows it')
    .option('--json', 'JSON for programs');
}

function statusOption(statuses: readonly string[]): Option {
  return new Option('--status <status>', 'only of this status').choices(statuses);
}

const EXAMPLE = `${SIGNING_HELP}

Example:
  tripline actions list --status FAILED --model PumpPressure
  tripline actions redrive --all
  tripline actions discard --all --type lambda`;

async function list(flags: Flags): Promise<void> {
  const limit = Number(flags.limit);
  if (!Number.isInteger(limit) || limit < 1)
    throw new UsageError(`--limit must be a whole number from 1, not ${flags.limit}`);
  const client = connect(flags);
  const query = filterOf(flags);
  const actions: Execution[] = [];
  let nextToken: unknown;
  do {
    query.set('maxResults', String(Math.min(limit - actions.length, MOST_RESULTS)));
    if (typeof nextToken === 'string') query.set('nextToken', nextToken);
    const page = await client.call('GET', `${PATH}?${query}`);
    actions.push(...(page.actions as Execution[]));
    nextToken = page.nextToken;
  } while (nextToken !== undefined && actions.length < limit);
  if (flags.json) print(JSON.stringify({ actions }, null, 2));
  else writeTable(actions, nextToken !== undefined, print);
}

async function change(what: 'redrive' | 'discard', id: string | undefined, flags: Flags): Promise<void> {
  if ((id === undefined) === (flags.all === undefined))
    throw new UsageError(`Name an actionExecutionId to ${what}, or --all with or without filters`);
  const query = filterOf(flags);
  if (id !== undefined && query.size > 0)
    throw new UsageError('Filters can only be used with --all, not with an actionExecutionId');
  const path =
    id === undefined
      ? `${PATH}/${what}${query.size > 0 ? '?' : ''}${query}`
      : `${PATH}/${encodeURIComponent(id)}/${what}`;
  const answer = await connect(flags).call('POST', path);
  if (flags.json) print(JSON.stringify(answer, null, 2));
  else
    print(
      id === undefined
        ? summary(what, answer)
        : `${id}: ${what === 'redrive' ? 'is sent again' : 'discarded'}`,
    );
}

function summary(what: 'redrive' | 'discard', answer: Record<string, unknown>): string {
  if (what === 'redrive')
    return `${answer.redriven} sent again, ${answer.skipped} skipped because they have no request`;
  return `${answer.discarded} discarded, ${answer.skipped} skipped because they are in progress`;
}

function filterOf({ model, alarmModel, key, status, type, target }: Flags): URLSearchParams {
  const given = { detectorModelName: model, alarmModelName: alarmModel, keyValue: key, status, type, target };
  const entries = Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return new URLSearchParams(entries);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
