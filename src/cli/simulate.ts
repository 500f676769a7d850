import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import { UsageError } from '../server/usage-error.ts';
import { HELP, InteractiveSession } from '../simulate/interactive.ts';
import type { Scheduled } from '../simulate/messages/schedule.ts';
import type { SimulatedModel } from '../simulate/models.ts';
import { evaluationRecord, rejectionRecord, renderRecord, summaryRecord } from '../simulate/records.ts';
import { TextReport } from '../simulate/report/text.ts';
import { causedInputs, play } from '../simulate/run.ts';
import { Simulator } from '../simulate/simulator.ts';
import { type ReferenceFlags, referenceOptions, withReferenceFlags } from './import.ts';
import { endOf, type MessageFlags, withMessageFlags } from './message-options.ts';
import { checkStandardInput, collect, loadOrTell } from './model-options.ts';
import { Output, painter } from './output.ts';
import { playMessages } from './play-messages.ts';

interface Flags extends ReferenceFlags, MessageFlags {
  readonly model?: readonly string[];
  readonly explain?: boolean;
  readonly summary?: boolean;
  readonly json?: boolean;
  readonly interactive?: boolean;
}

/** `tripline simulate`: models in virtual time, on messages from files or typed in. */
export function simulateCommand(setExitCode: (code: number) => void): Command {
  const command = new Command('simulate')
    .description('Run models in virtual time on messages, and show what happens and why')
    .argument('<path...>', 'files or folders with detector models and alarm models')
    .option('--model <name>', 'only this model; may be repeated', collect);
  return withReferenceFlags(withMessageFlags(command))
    .option('--explain', 'show every condition with all its parts')
    .option('--summary', 'show only the summary at the end')
    .option(
      '--interactive',
      'send messages and move the clock from a prompt, after the messages of the files',
    )
    .option('--json', 'print one JSON object per line, for programs')
    .addHelpText('after', EXAMPLE)
    .action(async (paths: readonly string[], flags: Flags) => {
      if (flags.interactive && flags.json)
        throw new UsageError('--interactive and --json cannot be combined');
      checkStandardInput([...paths, ...(flags.messages ?? [])], flags.interactive);
      const models = loadOrTell(paths, referenceOptions(flags), flags.model);
      if (models === undefined) setExitCode(1);
      else await simulate(models, flags);
    });
}

const EXAMPLE = `
Nothing is sent, and no server is needed. Exit code 1 when a model cannot run or a message file is faulty.

Examples:
  tripline init threshold pump
  tripline simulate pump --message 'Reading={"sensorId":"s1","value":81}' --advance 10m
  printf 'timestamp,sensorId,value\\n2026-01-01T00:00:00Z,s1,81\\n2026-01-01T00:01:00Z,s1,82\\n' > readings.csv
  tripline simulate pump --messages readings.csv --time-column timestamp --summary
  tripline simulate pump --interactive`;

async function simulate(models: readonly SimulatedModel[], flags: Flags): Promise<void> {
  const output = new Output();
  const explain = flags.explain === true;
  const report = new TextReport({ paint: painter(), explain });
  const isSilent = flags.summary === true;
  const caused = causedInputs(models);
  const end = endOf(flags);
  const begin = (start: number) => {
    const simulator = new Simulator({
      models,
      start,
      trace: !isSilent,
      ...(!isSilent && {
        onEvaluation: (evaluation) =>
          output.write(
            flags.json
              ? `${renderRecord(evaluationRecord(evaluation, { explain }))}\n`
              : report.evaluation(evaluation),
          ),
        onRejection: (rejection) =>
          output.write(
            flags.json ? `${renderRecord(rejectionRecord(rejection))}\n` : report.rejection(rejection),
          ),
      }),
    });
    return { simulator, play: (message: Scheduled) => play(simulator, message, caused) };
  };
  const pace = () => output.pace();
  const { player } = await playMessages(flags, models, { begin, isSeen: !isSilent, pace });
  const { simulator } = player;
  simulator.advanceTo(end(simulator.time));
  if (flags.interactive) await interact(simulator, report, output);
  output.write(flags.json ? `${renderRecord(summaryRecord(simulator))}\n` : report.summary(simulator));
  await output.flush();
}

async function interact(simulator: Simulator, report: TextReport, output: Output): Promise<void> {
  const session = new InteractiveSession(simulator, report, (text) => output.write(text));
  const lines = createInterface({
    input: process.stdin,
    output: process.stdout,
    terminal: process.stdin.isTTY,
  });
  output.write(HELP);
  await output.flush();
  lines.setPrompt(session.prompt);
  lines.prompt();
  for await (const line of lines) {
    const isOver = session.handle(line);
    await output.flush();
    if (isOver) break;
    lines.setPrompt(session.prompt);
    lines.prompt();
  }
  lines.close();
}
