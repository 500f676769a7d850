import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Command, Option } from 'commander';
import { checkReadable } from '../load/attempt.ts';
import { UsageError } from '../server/usage-error.ts';
import type { MessageFile } from '../simulate/files/message-file.ts';
import { type PlanOptions, type Source, sourcesOf } from '../simulate/files/message-plan.ts';
import type { ElementResult } from '../simulate/messages/element.ts';
import { formatOf, type MessageFormat } from '../simulate/messages/text.ts';
import { inputsOf, type SimulatedModel } from '../simulate/models.ts';
import { isoTime, parseDuration, parseTime } from '../simulate/times.ts';
import { collect } from './model-options.ts';

/** The flags that say what happens to the models, and when. */
export interface MessageFlags {
  readonly messages?: readonly string[];
  readonly messagesFormat?: MessageFormat;
  readonly message?: readonly string[];
  readonly inputName?: string;
  readonly timeColumn: string;
  readonly timePath?: string;
  readonly interval?: string;
  readonly start?: string;
  readonly advance?: string;
  readonly until?: string;
}

export function withMessageFlags(command: Command): Command {
  return command
    .option(
      '--messages <file>',
      'messages: .json, .ndjson, .jsonl or .csv; - for standard input; may be repeated',
      collect,
    )
    .addOption(
      new Option('--messages-format <format>', 'format of the files, regardless of their names').choices([
        'json',
        'ndjson',
        'csv',
      ]),
    )
    .option('--message <INPUT=JSON>', 'one message, sent after those of all files; may be repeated', collect)
    .option('--input-name <name>', 'input of messages that do not name one')
    .option('--time-column <name>', 'CSV column with the time', 'time')
    .option('--time-path <path>', 'path of the time in payloads without a message around them: a.b')
    .option('--interval <duration>', 'time from the previous message to a message without a time')
    .option('--start <time>', 'start time of the clock')
    .addOption(
      new Option('--advance <duration>', 'how far to advance the clock after the last message').conflicts(
        'until',
      ),
    )
    .option('--until <time>', 'time to advance the clock to after the last message');
}

/** The time at which the clock ends, by `--advance` and `--until` from its present time. Throws UsageError. */
export function endOf({ advance, until }: MessageFlags): (now: number) => number {
  const by = advance === undefined ? 0 : durationOf('--advance', advance);
  const end = until === undefined ? undefined : timeOf('--until', until);
  return (now) => {
    if (end !== undefined && end < now)
      process.stderr.write(
        `tripline: --until ${until} is before the last message; the clock stays at ${isoTime(now)}\n`,
      );
    return end ?? now + by;
  };
}

export function durationOf(flag: string, text: string): number {
  const duration = parseDuration(text);
  if (duration !== undefined) return duration;
  throw new UsageError(`${flag} ${text} is not a duration: write seconds, or 500ms, 90s, 5m, 1h30m, 2d`);
}

function timeOf(flag: string, text: string): number {
  const time = parseTime(text);
  if (time !== undefined) return time;
  throw new UsageError(
    `${flag} ${text} is not a time: write 2025-01-31T12:00:00Z, or a number since the epoch`,
  );
}

/** The messages that the flags name, not read yet, and the clean-up that they need. */
export interface GivenMessages {
  readonly sources: readonly Source[];
  readonly options: PlanOptions;
  readonly dispose: () => void;
}

/** Throws UsageError for wrong flags. */
export async function messagesOf(
  flags: MessageFlags,
  models: readonly SimulatedModel[],
): Promise<GivenMessages> {
  const inputs = inputsOf(models);
  const alarmModelNames = models.filter(({ kind }) => kind === 'alarm').map(({ compiled }) => compiled.name);
  const options = {
    timeColumn: flags.timeColumn,
    timePath: flags.timePath,
    interval: flags.interval === undefined ? 0 : durationOf('--interval', flags.interval),
    start: flags.start === undefined ? undefined : timeOf('--start', flags.start),
    inputName: flags.inputName ?? (inputs.length === 1 ? inputs[0] : undefined),
    alarmModelName: alarmModelNames.length === 1 ? alarmModelNames[0] : undefined,
    alarmModelNames,
  };
  const spool = new Spool();
  try {
    const files: MessageFile[] = [];
    for (const path of flags.messages ?? []) files.push(await fileOf(path, flags.messagesFormat, spool));
    const inline = { name: '--message', elements: (flags.message ?? []).map(readInline) };
    return { sources: sourcesOf(files, inline, options), options, dispose: () => spool.dispose() };
  } catch (error) {
    spool.dispose();
    throw error;
  }
}

async function fileOf(path: string, given: MessageFormat | undefined, spool: Spool): Promise<MessageFile> {
  if (path === '-')
    return { name: 'standard input', path: await spool.take(process.stdin), format: given ?? 'ndjson' };
  const format = given ?? formatOf(path);
  checkReadable(path);
  if (format === undefined)
    throw new UsageError(
      `${basename(path)} is neither .json, .ndjson, .jsonl nor .csv: name the format with --messages-format`,
    );
  // A pipe, such as <(command) of a shell, can be read only once.
  const isPipe = !statSync(path).isFile();
  return { name: path, path: isPipe ? await spool.take(createReadStream(path)) : path, format };
}

/** `INPUT=JSON`, or JSON by itself. */
function readInline(text: string): ElementResult {
  const [, inputName, payload = ''] = /^(?:([^\s={"]+)=)?(.*)$/s.exec(text) ?? [];
  const element = {
    kind: 'message',
    time: undefined,
    inputName,
    messageId: undefined,
    payload,
    isCaused: false,
  } as const;
  return { ok: true, element };
}

/** Keeps what streams supply in files, because it may be read twice. */
class Spool {
  #folder: string | undefined;
  #count = 0;

  async take(stream: NodeJS.ReadableStream): Promise<string> {
    this.#folder ??= mkdtempSync(join(tmpdir(), 'tripline-'));
    const path = join(this.#folder, `messages-${++this.#count}`);
    await pipeline(stream, createWriteStream(path));
    return path;
  }

  dispose(): void {
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  }
}
