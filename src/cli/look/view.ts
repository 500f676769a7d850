import type { Command } from 'commander';
import { UsageError } from '../../server/usage-error.ts';
import { type ApiClient, connect, type ServerFlags, SIGNING_HELP, withServerFlags } from '../client.ts';
import { outputWidth, printable } from '../table.ts';

/** The output of a command: the document for programs, and the lines for people. */
export interface View {
  readonly json: unknown;
  /** `width` in characters. */
  lines(width: number): readonly string[];
}

export interface ViewFlags extends ServerFlags {
  readonly json?: boolean;
  readonly watch?: boolean | string;
}

/** The flags of every command that shows resources of a server. */
export function withViewFlags(command: Command, example: string): Command {
  return withServerFlags(command)
    .option('--json', 'print JSON for programs')
    .option('--watch [seconds]', 'repeat every so many seconds, until interrupted (default: 2)')
    .addHelpText('after', `${SIGNING_HELP}\n\nExample:\n${example}`);
}

/** Shows the result of `read` once, or repeatedly with `--watch`. */
export async function show(flags: ViewFlags, read: (client: ApiClient) => Promise<View>): Promise<void> {
  const client = connect(flags);
  const seconds = secondsOf(flags.watch);
  for (;;) {
    const view = await read(client);
    const text =
      flags.json === true
        ? JSON.stringify(view.json, null, seconds === undefined ? 2 : 0)
        : view.lines(outputWidth(process.stdout)).join('\n');
    // A terminal shows only the newest state; a pipe gets all of them.
    const clear = seconds !== undefined && process.stdout.isTTY === true && flags.json !== true;
    process.stdout.write(`${clear ? '\u001b[H\u001b[2J' : ''}${text}\n`);
    if (seconds === undefined) return;
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  }
}

function secondsOf(watch: boolean | string | undefined): number | undefined {
  if (watch === undefined || watch === false) return undefined;
  if (watch === true) return 2;
  const seconds = Number(watch);
  if (seconds > 0 && seconds <= 86_400) return seconds;
  throw new UsageError(`--watch must be a number of seconds above 0, not '${watch}'`);
}

/** Reads all pages of a list. */
export async function all<T>(client: ApiClient, path: string, member: string): Promise<T[]> {
  const items: T[] = [];
  for await (const page of client.pages<T>(path, member)) items.push(...page);
  return items;
}

/** Applies `work` to each item, at most eight at a time; the results are in the order of the items. */
export async function eachOf<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = new Array(items.length);
  let next = 0;
  const worker = async () => {
    for (let at = next++; at < items.length; at = next++) results[at] = await work(items[at] as T);
  };
  await Promise.all(Array.from({ length: Math.min(8, items.length) }, worker));
  return results;
}

/** A time of the API, in seconds since the epoch, for people. */
export function timeOf(seconds: number | undefined): string {
  return seconds === undefined ? '' : new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** A heading and the names and values below it, after an empty line. */
export function section(title: string, entries: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(0, ...entries.map(([name]) => name.length));
  const rows = entries.map(([name, value]) => `  ${name.padEnd(width)}  ${printable(value)}`);
  return ['', title, ...(rows.length > 0 ? rows : ['  none'])];
}

/** `2 detectors`, `1 detector`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

/** A length of time in its two largest units: `1 d 4 h`, `12 s`. */
export function durationOf(milliseconds: number): string {
  const units: [string, number][] = [
    ['d', 86_400],
    ['h', 3600],
    ['min', 60],
    ['s', 1],
  ];
  let rest = Math.max(0, Math.round(milliseconds / 1000));
  const parts: string[] = [];
  for (const [unit, size] of units) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count} ${unit}`);
  }
  return parts.slice(0, 2).join(' ') || '0 s';
}
