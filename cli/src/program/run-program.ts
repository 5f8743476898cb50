import { escapeControls } from "@activity-events/client";
import { Command, CommanderError } from "commander";
import { defineAdd } from "../add/define-add.ts";
import { brokenArgument } from "../flags/broken-argument.ts";
import { nameTheService } from "../flags/name-the-service.ts";
import { parseAddress, parseFile, parseSeconds } from "../flags/parse-flags.ts";
import { defineDeployments } from "../read/define-deployments.ts";
import { defineGet } from "../read/define-get.ts";
import { defineHealth } from "../read/define-health.ts";
import { defineList } from "../read/define-list.ts";
import { defineTail } from "../read/define-tail.ts";
import { defineVerify } from "../verify/define-verify.ts";
import { build } from "../version.ts";
import type { Perform } from "./command-context.ts";
import { defineCompletion } from "./define-completion.ts";
import type { ExitCode } from "./exit-code.ts";
import { helpAfter } from "./help-text.ts";
import { perform } from "./perform.ts";
import type { ProgramStart } from "./program-start.ts";

/** Runs one command line with subcommands. Returns the exit code and never throws. */
export async function runProgram(start: ProgramStart): Promise<ExitCode> {
  const broken = brokenArgument(start.args);
  if (broken !== undefined) {
    start.errors.write(`activity_client: argument ${broken} is not UTF-8.\n`);
    return 2;
  }
  let exitCode: ExitCode = 0;
  const program = programOf(start, async (command, run) => {
    exitCode = await perform({ start, command, run });
  });
  try {
    await program.parseAsync(nameTheService(start.args), { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // The parser throws after it printed the help or the version, and for wrong usage.
    return error.exitCode === 0 ? 0 : 2;
  }
  return exitCode;
}

function programOf({ config, output, errors }: ProgramStart, run: Perform): Command {
  const program = new Command("activity_client")
    .usage("[options] <command>\n       activity_client -add JSON | -deployment N [-address HOST] [-port N]")
    .description("Record, list, follow and verify the events of deployments.")
    .option("--address <host:port>", `address of the service (default: ${config.address})`, parseAddress)
    .option("--run-service <name>", "name of the service on Cloud Run, to look its address up")
    .option("--region <region>", "region of the service on Cloud Run")
    .option(
      "--project <project>",
      `project of the service on Cloud Run${config.project ? ` (default: ${config.project})` : ""}`,
    )
    .option("--audience <url>", "send an ID token for this audience; implies --tls")
    .option("--json", "print proto JSON, one object per line")
    .option(
      "--timeout <seconds>",
      "time limit of each call, or of each event that add sends (default: 10)",
      parseSeconds,
    )
    .option("--utc", "show times on a terminal in UTC, as they always are in a pipe")
    .option("--tls", "use TLS")
    .option("--ca-file <file>", "trust the authorities in this PEM file; implies --tls", parseFile)
    .version(`activity_client ${build}`, "--version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print help for a command")
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => output.text(text),
      // The text repeats the arguments.
      writeErr: (text) => errors.write(text.split("\n").map(escapeControls).join("\n")),
    })
    .showHelpAfterError("Run with --help to see all options.")
    .exitOverride()
    .addHelpText("after", helpAfter);
  for (const define of [defineAdd, defineList, defineTail, defineGet, defineDeployments, defineVerify, defineHealth]) {
    define(program, run);
  }
  defineCompletion(program, output);
  return program;
}
