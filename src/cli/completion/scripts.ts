import type { CompletedCommand, Described } from './tree.ts';

/*
 * One script a shell. Each finds the command that the words so far lead to, then offers what fits there: the values of
 * the option before the cursor, options, commands, else files.
 */

type WriteScript = (commands: readonly CompletedCommand[]) => string;

export const SCRIPTS = { bash, zsh, fish } satisfies Record<string, WriteScript>;

function bash(commands: readonly CompletedCommand[]): string {
  return `# bash completion for tripline
_tripline() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} at='' words='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${at:+$at }\${COMP_WORDS[i]}" in
      ${patterns(commands)}) at="\${at:+$at }\${COMP_WORDS[i]}" ;;
    esac
  done
  case "$at $prev" in
${valueCases(commands, (choices) => `COMPREPLY=($(compgen -W ${quoted(choices.join(' '))} -- "$cur")); return`)}
  esac
  case "$cur" in
    -*)
      case "$at" in
${cases(commands, ({ options }) => `words=${quoted(names(options))}`, 8)}
      esac ;;
    *)
      case "$at" in
${cases(commands, (command) => `words=${quoted(wordsOf(command).join(' '))}`, 8)}
      esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _tripline tripline
`;
}

function zsh(commands: readonly CompletedCommand[]): string {
  return `#compdef tripline
# zsh completion for tripline
_tripline() {
  local at='' word
  local -a list
  for word in \${words[2,CURRENT-1]}; do
    case "\${at:+$at }$word" in
      ${patterns(commands)}) at="\${at:+$at }$word" ;;
    esac
  done
  case "$at \${words[CURRENT-1]}" in
${valueCases(commands, (choices) => `compadd -- ${choices.map(quoted).join(' ')}; return`)}
  esac
  if [[ \${words[CURRENT]} == -* ]]; then
    case "$at" in
${cases(commands, ({ options }) => `list=(${options.map(described).join(' ')})`, 6)}
    esac
    _describe -o option list
    return
  fi
  case "$at" in
${cases(commands, (command) => (wordsOf(command).length > 0 ? `list=(${entriesOf(command).map(described).join(' ')})` : 'list=()'), 4)}
  esac
  if (( \${#list} )); then _describe command list; else _files; fi
}
if [[ $funcstack[1] == _tripline ]]; then _tripline "$@"; else compdef _tripline tripline; fi
`;
}

function fish(commands: readonly CompletedCommand[]): string {
  const lines = commands.flatMap((command) => [
    ...entriesOf(command).map(({ name, description }) =>
      offer(command, `-f -a ${quoted(name)}`, description),
    ),
    ...command.options.map(({ name, description, choices }) => {
      const form = name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`;
      const values = choices === undefined ? '' : ` -x -a ${quoted(choices.join(' '))}`;
      return offer(command, `${form}${values}`, description);
    }),
  ]);
  return `# fish completion for tripline
function __tripline_at
    set -l at ''
    for word in (commandline -opc)[2..-1]
        switch (string trim "$at $word")
            case ${commands.flatMap(({ path }) => (path === '' ? [] : [quoted(path)])).join(' ')}
                set at (string trim "$at $word")
        end
    end
    test "$at" = "$argv[1]"
end
${lines.join('\n')}
`;
}

function offer({ path }: CompletedCommand, what: string, description: string): string {
  return `complete -c tripline -n ${quoted(`__tripline_at '${path}'`)} ${what} -d ${quoted(oneLine(description))}`;
}

function entriesOf({ commands, choices = [] }: CompletedCommand): readonly Described[] {
  return commands.length > 0 ? commands : choices.map((name) => ({ name, description: '' }));
}

function wordsOf(command: CompletedCommand): readonly string[] {
  return entriesOf(command).map(({ name }) => name);
}

function names(list: readonly Described[]): string {
  return list.map(({ name }) => name).join(' ');
}

/** The paths of all commands, as alternatives of a case. */
function patterns(commands: readonly CompletedCommand[]): string {
  return commands.flatMap(({ path }) => (path === '' ? [] : [quoted(path)])).join('|');
}

function cases(
  commands: readonly CompletedCommand[],
  body: (command: CompletedCommand) => string,
  indent: number,
): string {
  return commands
    .map((command) => `${' '.repeat(indent)}${quoted(command.path)}) ${body(command)} ;;`)
    .join('\n');
}

function valueCases(
  commands: readonly CompletedCommand[],
  body: (choices: readonly string[]) => string,
): string {
  const lines = commands.flatMap(({ path, options }) =>
    options.flatMap(({ name, choices }) =>
      choices === undefined ? [] : [`    ${quoted(`${path} ${name}`)}) ${body(choices)} ;;`],
    ),
  );
  return lines.join('\n');
}

/** `name:description`, as zsh describes a word. */
function described({ name, description }: Described): string {
  return quoted(`${name.replaceAll(':', '\\:')}:${oneLine(description)}`);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}

/** In single quotes, which all three shells read the same way unless there is a backslash at the end. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'"'"'`)}'`;
}
