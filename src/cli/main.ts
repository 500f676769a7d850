import { Command, CommanderError } from 'commander';
import { fileTrouble } from '../load/file-trouble.ts';
import { LoadError } from '../load/load-error.ts';
import { CommandError, UsageError } from '../server/usage-error.ts';
import { VERSION } from '../server/version.ts';
import { addCommands } from './commands.ts';

/** Runs the command line; returns the exit code: 0, 1 when the command failed, 2 when it was used wrongly. */
export async function main(argv: readonly string[]): Promise<number> {
  // Once per process, because tests run the command line many times in one. It is not removed: output may still be
  // pending.
  if (!process.stdout.listeners('error').includes(outputFailed)) process.stdout.on('error', outputFailed);
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
  try {
    await addCommands(program, argv.slice(2), setExitCode);
    await program.parseAsync(argv);
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof UsageError || error instanceof LoadError) return complain(error.message, 2);
    if (error instanceof CommandError) return complain(error.message, 1);
    if (isOutOfDescriptors(error)) return complain(OUT_OF_DESCRIPTORS, 1);
    if (isFileTrouble(error)) return complain(`${error.path}: ${fileTrouble(error)}`, 1);
    throw error;
  }
}

/** The reader of the output may stop reading (`| head`): that is not a failure. */
function outputFailed(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
}

const OUT_OF_DESCRIPTORS =
  'This process may open too few files: allow 1024 or more (ulimit -n, LimitNOFILE in a systemd unit)';

function isOutOfDescriptors(error: unknown): boolean {
  return error instanceof Error && /\b(EMFILE|ENFILE)\b|too many open files/i.test(error.message);
}

/** A file or folder that the system refused, where the command had no better words for it. */
function isFileTrouble(error: unknown): error is NodeJS.ErrnoException & { readonly path: string } {
  return error instanceof Error && 'syscall' in error && 'path' in error && typeof error.path === 'string';
}

function complain(message: string, exitCode: number): number {
  process.stderr.write(`tripline: ${message}\n`);
  return exitCode;
}
