import { Argument, Command } from 'commander';
import { SCRIPTS } from './scripts.ts';
import { completedCommands } from './tree.ts';

/** `tripline completion`: a script that completes the commands and flags of `program`. */
export function completionCommand(program: Command): Command {
  return new Command('completion')
    .description('Print a script that completes commands and flags in your shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(SCRIPTS)))
    .addHelpText('after', EXAMPLE)
    .action((shell: keyof typeof SCRIPTS) => {
      process.stdout.write(SCRIPTS[shell](completedCommands(program)));
    });
}

const EXAMPLE = `
Examples:
  source <(tripline completion bash)        # in ~/.bashrc
  source <(tripline completion zsh)         # in ~/.zshrc, after compinit
  tripline completion fish > ~/.config/fish/completions/tripline.fish`;
