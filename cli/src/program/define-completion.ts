import { Argument, type Command } from "commander";
import type { Output } from "../output/output.ts";
import { completionScript, type Shell, shells } from "./completion.ts";

const help = `
Examples:
  bash: activity_client completion bash >~/.local/share/bash-completion/completions/activity_client
  zsh:  activity_client completion zsh >"\${fpath[1]}/_activity_client"
  fish: activity_client completion fish >~/.config/fish/completions/activity_client.fish`;

/** Adds `completion`: prints a script that completes commands, flags and their values in a shell. */
export function defineCompletion(program: Command, output: Output): void {
  program
    .command("completion")
    .description("print a script that completes commands, flags and values in a shell")
    .addArgument(new Argument("<shell>", "shell that reads the script").choices(shells))
    .addHelpText("after", help)
    .action((shell: Shell) => output.text(completionScript(shell, program)));
}
