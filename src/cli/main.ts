import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { CommandError, UsageError } from '../server/usage-error.ts';
import { actionsCommand } from './actions/command.ts';
import { analyzeCommand } from './analyze.ts';
import { backupCommand, restoreCommand } from './backup.ts';
import { demoCommand } from './demo/command.ts';
import { serveCommand } from './serve.ts';
import { serviceModelCommand } from './service-model.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** Runs the command line; gives the exit code: 0, 1 when the command failed, 2 when it was used wrongly. */
export async function main(argv: readonly string[]): Promise<number> {
  // Whoever reads the output may stop reading (`| head`): that is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  const program = new Command('tripline')
    .description('Runs AWS IoT Events detector models on your own machine')
    .version(version)
    .exitOverride()
    .showHelpAfterError('(--help shows what there is)');
  let exitCode = 0;
  const analyze = analyzeCommand((code) => {
    exitCode = code;
  });
  const commands = [
    ...[serveCommand(), demoCommand(), actionsCommand(), analyze, serviceModelCommand()],
    ...[backupCommand(), restoreCommand()],
  ];
  for (const command of commands) program.addCommand(inherit(command, program));
  try {
    await program.parseAsync(argv);
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof UsageError) return complain(error.message, 2);
    if (error instanceof CommandError) return complain(error.message, 1);
    throw error;
  }
}

/** Commands made by themselves do not take over what is set above them. */
function inherit(command: Command, from: Command): Command {
  command.copyInheritedSettings(from);
  for (const below of command.commands) inherit(below, command);
  return command;
}

function complain(message: string, exitCode: number): number {
  process.stderr.write(`tripline: ${message}\n`);
  return exitCode;
}
