import { Command, CommanderError } from 'commander';
import { LoadError } from '../load/load-models.ts';
import { CommandError, UsageError } from '../server/usage-error.ts';
import { VERSION } from '../server/version.ts';
import { actionsCommand } from './actions/command.ts';
import { analyzeCommand } from './analyze.ts';
import { backtestCommand } from './backtest.ts';
import { backupCommand, restoreCommand } from './backup.ts';
import { clusterCommand } from './cluster.ts';
import { completionCommand } from './completion/command.ts';
import { demoCommand } from './demo/command.ts';
import { devicesCommand } from './devices.ts';
import { exportCommand } from './export.ts';
import { historyCommand } from './history.ts';
import { importCommand } from './import.ts';
import { initCommand } from './init.ts';
import { alarmsCommand } from './look/alarms.ts';
import { detectorsCommand } from './look/detectors.ts';
import { inputsCommand } from './look/inputs.ts';
import { modelsCommand } from './look/models.ts';
import { putCommand } from './look/put.ts';
import { statusCommand } from './look/status.ts';
import { rulesCommand } from './rules/command.ts';
import { serveCommand } from './serve.ts';
import { serviceModelCommand } from './service-model.ts';
import { simulateCommand } from './simulate.ts';
import { testCommand } from './test.ts';
import { workerCommand } from './worker.ts';

/** Runs the command line; gives the exit code: 0, 1 when the command failed, 2 when it was used wrongly. */
export async function main(argv: readonly string[]): Promise<number> {
  // Whoever reads the output may stop reading (`| head`): that is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  const program = new Command('tripline')
    .description('Runs AWS IoT Events detector models and alarms on your own machines')
    .version(VERSION, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .addHelpText('after', '\n"tripline <command> --help" shows the flags of a command, with an example.')
    .commandsGroup('Help:')
    .exitOverride()
    .showHelpAfterError('(add --help for usage)');
  let exitCode = 0;
  const setExitCode = (code: number) => {
    exitCode = code;
  };
  for (const [heading, commands] of groups(program, setExitCode)) {
    for (const command of commands) program.addCommand(inherit(command.helpGroup(heading), program));
  }
  try {
    await program.parseAsync(argv);
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof UsageError || error instanceof LoadError) return complain(error.message, 2);
    if (error instanceof CommandError) return complain(error.message, 1);
    if (isOutOfDescriptors(error)) return complain(OUT_OF_DESCRIPTORS, 1);
    throw error;
  }
}

/** All commands, under the headings of `--help`. */
function groups(
  program: Command,
  setExitCode: (code: number) => void,
): readonly (readonly [string, readonly Command[]])[] {
  return [
    ['Run:', [serveCommand(), demoCommand(), workerCommand(), clusterCommand()]],
    [
      'Work on models:',
      [
        importCommand(setExitCode),
        exportCommand(),
        analyzeCommand(setExitCode),
        simulateCommand(setExitCode),
        testCommand(setExitCode),
        backtestCommand(setExitCode),
        initCommand(),
      ],
    ],
    [
      'Look at a running server:',
      [
        statusCommand(setExitCode),
        inputsCommand(),
        modelsCommand(),
        detectorsCommand(),
        alarmsCommand(),
        actionsCommand(),
        putCommand(),
        historyCommand(),
        rulesCommand(setExitCode),
      ],
    ],
    ['Operate:', [backupCommand(), restoreCommand(), devicesCommand()]],
    ['Clients:', [serviceModelCommand()]],
    ['Help:', [completionCommand(program), versionCommand()]],
  ];
}

function versionCommand(): Command {
  return new Command('version')
    .description('Print the version')
    .action(() => void process.stdout.write(`${VERSION}\n`));
}

/** Commands made by themselves do not take over what is set above them. */
function inherit(command: Command, from: Command): Command {
  command.copyInheritedSettings(from);
  for (const below of command.commands) inherit(below, command);
  return command;
}

const OUT_OF_DESCRIPTORS =
  'This process may open too few files: allow it 1024 or more (ulimit -n, LimitNOFILE in a systemd unit)';

function isOutOfDescriptors(error: unknown): boolean {
  return error instanceof Error && /\b(EMFILE|ENFILE)\b|too many open files/i.test(error.message);
}

function complain(message: string, exitCode: number): number {
  process.stderr.write(`tripline: ${message}\n`);
  return exitCode;
}
