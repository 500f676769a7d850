import { Command } from 'commander';
import { renderJson } from '../core/expression/json.ts';
import { UsageError } from '../server/usage-error.ts';
import { Backtest, type Comparison, differenceRecord } from '../simulate/backtest/backtest.ts';
import type { SimulatedModel } from '../simulate/models.ts';
import { showComparison } from '../simulate/report/differences.ts';
import { type ReferenceFlags, referenceOptions, withReferenceFlags } from './import.ts';
import { endOf, type MessageFlags, withMessageFlags } from './message-options.ts';
import { checkStandardInput, collect, loadOrTell } from './model-options.ts';
import { Output, painter } from './output.ts';
import { playMessages } from './play-messages.ts';

interface Flags extends ReferenceFlags, MessageFlags {
  readonly model?: readonly string[];
  readonly json?: boolean;
}

/** `tripline backtest`: two versions of a model on the same messages. */
export function backtestCommand(setExitCode: (code: number) => void): Command {
  const command = new Command('backtest')
    .description('Run two versions of a model on the same messages, and show every difference')
    .argument('<old>', 'file or folder with the old version')
    .argument('<new>', 'file or folder with the new version')
    .option(
      '--model <name>',
      'name of the model, where a path has several (repeatable: the versions may have different names)',
      collect,
    );
  return withReferenceFlags(withMessageFlags(command))
    .option('--json', 'JSON for programs')
    .addHelpText('after', EXAMPLE)
    .action(async (old: string, other: string, flags: Flags) => {
      checkStandardInput([old, other, ...(flags.messages ?? [])]);
      const models = [old, other].map((path) => loadOne(path, flags));
      const [before, after] = models;
      if (before === undefined || after === undefined) setExitCode(1);
      else setExitCode(await backtest(before, after, flags));
    });
}

const EXAMPLE = `
Exit code 0 when both do the same, 1 when they do not.

Example:
  tripline init threshold old && tripline init threshold new
  tripline backtest old/threshold.json new/threshold.json --message '{"sensorId":"s1","value":81}'`;

/** The only model of a path; undefined, with a message on standard error, when it cannot run. */
function loadOne(path: string, flags: Flags): SimulatedModel | undefined {
  const models = loadOrTell([path], referenceOptions(flags));
  if (models === undefined) return undefined;
  const names = flags.model ?? [];
  const fitting =
    names.length === 0 ? models : models.filter(({ compiled }) => names.includes(compiled.name));
  const [model] = fitting;
  if (model !== undefined && fitting.length === 1) return model;
  const there = models.map(({ compiled }) => compiled.name).join(', ');
  throw new UsageError(
    fitting.length === 0
      ? `${path} has no model ${names.join(' or ')}; there is ${there}`
      : `${path} has the models ${there}: say which one with --model`,
  );
}

async function backtest(old: SimulatedModel, other: SimulatedModel, flags: Flags): Promise<number> {
  const end = endOf(flags);
  const begin = (start: number) => new Backtest(old, other, start);
  const { player, count } = await playMessages(flags, [old, other], { begin, isSeen: false });
  const comparison = player.finish(end(player.time));
  const output = new Output();
  output.write(
    flags.json === true ? `${document(comparison, count)}\n` : showComparison(comparison, count, painter()),
  );
  await output.flush();
  return comparison.differences.length === 0 ? 0 : 1;
}

function document({ old, new: other, keys, differences }: Comparison, messages: number): string {
  return renderJson({
    identical: differences.length === 0,
    old: { ...old },
    new: { ...other },
    messages,
    keys,
    differences: differences.map(differenceRecord),
  });
}
