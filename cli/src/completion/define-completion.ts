import { Argument, type Command } from "commander";
import type { Output } from "../output/output.ts";
import { completionScript, type Shell, shells } from "./completion-script.ts";

const help = `
Examples:
  bash, in ~/.bashrc:     . <(activity_client completion bash)
  zsh, after compinit:    . <(activity_client completion zsh)
  fish, in config.fish:   activity_client completion fish | source
Or keep the script in a file, which starts a shell faster:
  activity_client completion zsh >"\${fpath[1]}/_activity_client"`;

/** Adds `completion`: prints a script that completes commands, flags and their values in a shell. */
export function defineCompletion(program: Command, output: Output): void {
  program
    .command("completion")
    .description("print a script that completes commands, flags and values in a shell")
    .addArgument(new Argument("<shell>", "shell that reads the script").choices(shells))
    .addHelpText("after", help)
    .action((shell: Shell) => output.text(completionScript(shell, program)));
}
