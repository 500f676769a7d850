import type { Command, Option } from 'commander';

/** The part of a command that completion needs. */
export interface CompletedCommand {
  /** The words that lead to it: empty for `tripline` itself, `actions list` for a command below another. */
  readonly path: string;
  readonly commands: readonly Described[];
  readonly options: readonly (Described & { readonly choices?: readonly string[] })[];
  /** The words that its first argument may be; undefined when that is anything, such as a file. */
  readonly choices?: readonly string[];
}

export interface Described {
  readonly name: string;
  readonly description: string;
}

/** Everything that can be completed, derived from the commands themselves. */
export function completedCommands(command: Command, path = ''): CompletedCommand[] {
  const below = command.commands.map((each) => ({ name: each.name(), description: each.description() }));
  const [argument] = command.registeredArguments;
  const own: CompletedCommand = {
    path,
    commands: below,
    options: command.createHelp().visibleOptions(command).flatMap(optionsOf),
    ...(argument?.argChoices !== undefined && { choices: argument.argChoices }),
  };
  const inner = command.commands.flatMap((each) => completedCommands(each, `${path} ${each.name()}`.trim()));
  return [own, ...inner];
}

function optionsOf({ long, short, description, argChoices }: Option) {
  return [long, short].flatMap((name) =>
    name === undefined
      ? []
      : [{ name, description, ...(argChoices !== undefined && { choices: argChoices }) }],
  );
}
