import type { Command, Option } from "commander";

/** Shells that `completion` knows. */
export const shells = ["bash", "zsh", "fish"] as const;

/** A shell that `completion` knows. */
export type Shell = (typeof shells)[number];

/** Words of one command, or of the program before a command. */
interface Words {
  /** Empty for the program. */
  readonly command: string;
  readonly options: readonly string[];
  /** Values by option. */
  readonly values: ReadonlyMap<string, readonly string[]>;
}

/** Makes the completion script of a shell from the program's commands and options. */
export function completionScript(shell: Shell, program: Command): string {
  const commands = program.commands.map((command) => command.name());
  const globals = wordsOf("", program.options);
  const each = program.commands.map((command) => wordsOf(command.name(), [...command.options, ...program.options]));
  if (shell === "fish") return fish(program, commands);
  const bash = bashScript(commands, [globals, ...each]);
  return shell === "zsh" ? `#compdef activity_client\nautoload -U +X bashcompinit && bashcompinit\n${bash}` : bash;
}

function wordsOf(command: string, options: readonly Option[]): Words {
  const shown = options.filter(({ hidden }) => !hidden);
  const valued = shown.flatMap((option) =>
    flagsOf(option).map((flag): [string, readonly string[]] => [flag, option.argChoices ?? []]),
  );
  return {
    command,
    options: ["--help", ...shown.flatMap(flagsOf)],
    values: new Map(valued.filter(([, all]) => all.length > 0)),
  };
}

function flagsOf({ short, long }: Option): readonly string[] {
  return [short, long].filter((flag) => flag !== undefined && flag !== null);
}

function bashScript(commands: readonly string[], all: readonly Words[]): string {
  const cases = all.flatMap(({ command, options, values }) => [
    ...[...values].map(([flag, words]) => `    "${command} ${flag}") words="${words.join(" ")}" ;;`),
    ...(command === "" ? [] : [`    "${command} "*) words="${options.join(" ")}" ;;`]),
  ]);
  const [globals] = all;
  return `_activity_client() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command="" word words
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in ${commands.join("|")}) command="$word"; break ;; esac
  done
  case "$command $previous" in
${cases.join("\n")}
    *) words="${[...commands, ...(globals?.options ?? [])].join(" ")}" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _activity_client activity_client
`;
}

function fish(program: Command, commands: readonly string[]): string {
  const none = `not __fish_seen_subcommand_from ${commands.join(" ")}`;
  const lines = program.commands.map(
    (command) => `complete -c activity_client -f -n "${none}" -a ${command.name()} -d ${quoted(command.description())}`,
  );
  const options = [
    ...program.options.map((option) => fishOption(option, "")),
    ...program.commands.flatMap((command) =>
      command.options
        .filter(({ hidden }) => !hidden)
        .map((option) => fishOption(option, ` -n "__fish_seen_subcommand_from ${command.name()}"`)),
    ),
  ];
  return `${[...lines, ...options].join("\n")}\n`;
}

function fishOption({ short, long, required, argChoices, description }: Option, condition: string): string {
  const flags = `${short ? ` -s ${short.slice(1)}` : ""}${long ? ` -l ${long.slice(2)}` : ""}`;
  const values = argChoices === undefined ? "" : ` -f -a "${argChoices.join(" ")}"`;
  return `complete -c activity_client${condition}${flags}${required ? " -r" : ""}${values} -d ${quoted(description)}`;
}

function quoted(text: string): string {
  return `'${text.replace(/['\\]/g, "\\$&")}'`;
}
