import type { Command } from "commander";
import { bashScript } from "./bash-script.ts";
import { type CompletionWords, completionWords } from "./completion-words.ts";
import { fishScript } from "./fish-script.ts";
import { zshScript } from "./zsh-script.ts";

/** Shells that `completion` knows. */
export const shells = ["bash", "zsh", "fish"] as const;

/** A shell that `completion` knows. */
export type Shell = (typeof shells)[number];

const scripts: Readonly<Record<Shell, (words: CompletionWords) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** Makes the completion script of a shell from the program's commands and options. */
export function completionScript(shell: Shell, program: Command): string {
  return scripts[shell](completionWords(program));
}
