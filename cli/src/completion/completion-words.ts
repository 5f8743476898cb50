import type { Argument, Command, Option } from "commander";

/** Words that may stand in a place: known ones, names of files, contexts or programs, or a text that nobody can guess. */
export type Values =
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "files" }
  | { readonly kind: "contexts" }
  | { readonly kind: "programs" }
  | { readonly kind: "text" };

/** A flag in its forms, such as `-o` and `--outcome`. */
export interface CompletedFlag {
  readonly forms: readonly string[];
  readonly description: string;
  /** Undefined for a flag without a value. */
  readonly values: Values | undefined;
}

/** A command, or the program itself. */
export interface CompletedCommand {
  /** Words behind the program: `context add`; empty for the program. */
  readonly path: string;
  readonly description: string;
  /** Names of the commands below it, with their descriptions. */
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  /** Its own flags, without those of the program. */
  readonly flags: readonly CompletedFlag[];
  /** Values of its first argument. */
  readonly argument: Values;
}

/** Everything that a shell completes. */
export interface CompletionWords {
  readonly commands: readonly CompletedCommand[];
  /** Flags of the program, which stand before and behind every command. */
  readonly globalFlags: readonly CompletedFlag[];
}

const helpFlag: CompletedFlag = { forms: ["-h", "--help"], description: "print help", values: undefined };

/** Collects the words from the definitions of the commands. */
export function completionWords(program: Command): CompletionWords {
  const { flags, ...root } = completedCommand(program, "");
  const names = { kind: "words", words: program.commands.map((command) => command.name()) } as const;
  const help = { path: "help", description: "print help for a command", commands: [], flags: [], argument: names };
  return {
    commands: [
      { ...root, flags: [], commands: [...root.commands, { name: help.path, description: help.description }] },
      ...program.commands.flatMap((command) => [
        completedCommand(command, command.name()),
        ...command.commands.map((inner) => completedCommand(inner, `${command.name()} ${inner.name()}`)),
      ]),
      help,
    ],
    globalFlags: [helpFlag, ...flags],
  };
}

/** Returns all forms of all flags that take a value: the word behind one is no command. */
export function valuedForms({ commands, globalFlags }: CompletionWords): readonly string[] {
  const all = [...globalFlags, ...commands.flatMap(({ flags }) => flags)];
  return [...new Set(all.filter(({ values }) => values !== undefined).flatMap(({ forms }) => forms))];
}

/** Returns the paths of all commands. */
export function pathsOf({ commands }: CompletionWords): readonly string[] {
  return commands.map(({ path }) => path).filter((path) => path !== "");
}

function completedCommand(command: Command, path: string): CompletedCommand {
  const [argument] = command.registeredArguments;
  return {
    path,
    description: command.description(),
    commands: command.commands.map((inner) => ({ name: inner.name(), description: inner.description() })),
    flags: command.options.filter(({ hidden }) => !hidden).map(completedFlag),
    argument: argument === undefined ? { kind: "text" } : valuesOf(argument, `<${argument.name()}>`),
  };
}

function completedFlag(option: Option): CompletedFlag {
  const { short, long, flags, description, required, negate } = option;
  return {
    forms: [short, long].filter((form) => form !== undefined && form !== null),
    description,
    values: required && !negate ? valuesOf(option, flags) : undefined,
  };
}

/** Tells the values from the choices, else from the placeholder, such as `<file>`. */
function valuesOf({ argChoices }: Option | Argument, placeholder: string): Values {
  if (argChoices !== undefined) return { kind: "words", words: argChoices };
  if (placeholder.includes("<command-line>")) return { kind: "programs" };
  if (placeholder.includes("<file>")) return { kind: "files" };
  return { kind: placeholder.includes("<context>") ? "contexts" : "text" };
}
