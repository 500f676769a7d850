import { Command } from 'commander';
import { VERSION } from '../server/version.ts';

type SetExitCode = (code: number) => void;

interface CommandEntry {
  readonly name: string;
  /** Loads the module of the command and creates the command; `program` is its parent. */
  load(setExitCode: SetExitCode, program: Command): Promise<Command>;
}

/** All commands, under the headings of `--help`. */
const GROUPS: Readonly<Record<string, readonly CommandEntry[]>> = {
  'Run:': [
    { name: 'serve', load: async () => (await import('./serve.ts')).serveCommand() },
    { name: 'demo', load: async () => (await import('./demo/command.ts')).demoCommand() },
    { name: 'worker', load: async () => (await import('./worker.ts')).workerCommand() },
    { name: 'cluster', load: async () => (await import('./cluster.ts')).clusterCommand() },
  ],
  'Work on models:': [
    { name: 'import', load: async (set) => (await import('./import.ts')).importCommand(set) },
    { name: 'export', load: async () => (await import('./export.ts')).exportCommand() },
    { name: 'analyze', load: async (set) => (await import('./analyze.ts')).analyzeCommand(set) },
    { name: 'simulate', load: async (set) => (await import('./simulate.ts')).simulateCommand(set) },
    { name: 'test', load: async (set) => (await import('./test.ts')).testCommand(set) },
    { name: 'backtest', load: async (set) => (await import('./backtest.ts')).backtestCommand(set) },
    { name: 'init', load: async () => (await import('./init.ts')).initCommand() },
  ],
  'Look at a running server:': [
    { name: 'status', load: async (set) => (await import('./look/status.ts')).statusCommand(set) },
    { name: 'inputs', load: async () => (await import('./look/inputs.ts')).inputsCommand() },
    { name: 'models', load: async () => (await import('./look/models.ts')).modelsCommand() },
    { name: 'detectors', load: async () => (await import('./look/detectors.ts')).detectorsCommand() },
    { name: 'alarms', load: async () => (await import('./look/alarms.ts')).alarmsCommand() },
    { name: 'actions', load: async () => (await import('./actions/command.ts')).actionsCommand() },
    { name: 'put', load: async () => (await import('./look/put.ts')).putCommand() },
    { name: 'history', load: async () => (await import('./history.ts')).historyCommand() },
    { name: 'rules', load: async (set) => (await import('./rules/command.ts')).rulesCommand(set) },
  ],
  'Operate:': [
    { name: 'backup', load: async () => (await import('./backup.ts')).backupCommand() },
    { name: 'restore', load: async () => (await import('./backup.ts')).restoreCommand() },
    { name: 'import-state', load: async () => (await import('./move-state.ts')).importStateCommand() },
    { name: 'export-state', load: async () => (await import('./move-state.ts')).exportStateCommand() },
    { name: 'repair', load: async () => (await import('./repair.ts')).repairCommand() },
    { name: 'devices', load: async () => (await import('./devices.ts')).devicesCommand() },
  ],
  'Clients:': [
    { name: 'service-model', load: async () => (await import('./service-model.ts')).serviceModelCommand() },
  ],
  'Help:': [
    {
      name: 'completion',
      load: async (_set, program) => (await import('./completion/command.ts')).completionCommand(program),
    },
    { name: 'version', load: async () => versionCommand() },
  ],
};

/**
 * Adds the command that the arguments name, or all commands when they name none or need them all. Loading
 * one takes a third of the time of loading all.
 */
export async function addCommands(
  program: Command,
  args: readonly string[],
  setExitCode: SetExitCode,
): Promise<void> {
  if (args[0] === '-v' || args[0] === '--version') return;
  const wanted = args[0] === 'completion' ? undefined : args[0];
  const isKnown = Object.values(GROUPS).some((entries) => entries.some(({ name }) => name === wanted));
  for (const [heading, entries] of Object.entries(GROUPS)) {
    for (const { name, load } of entries) {
      if (isKnown && name !== wanted) continue;
      const command = await load(setExitCode, program);
      program.addCommand(inherit(command.helpGroup(heading), program));
    }
  }
}

function versionCommand(): Command {
  return new Command('version')
    .description('Print the version')
    .addHelpText('after', '\nExample:\n  tripline version')
    .action(() => void process.stdout.write(`${VERSION}\n`));
}

/** Commands that are created separately do not inherit the settings of their parent. */
function inherit(command: Command, from: Command): Command {
  command.copyInheritedSettings(from);
  for (const below of command.commands) inherit(below, command);
  return command;
}
