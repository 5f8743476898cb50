import { escapeControls } from "@activity-events/client";
import { Command, CommanderError } from "commander";
import { defineAdd } from "../add/define-add.ts";
import { brokenArgument } from "../flags/broken-argument.ts";
import { nameTheService } from "../flags/name-the-service.ts";
import { parseAddress, parseSeconds } from "../flags/parse-flags.ts";
import { defineDeployments } from "../read/define-deployments.ts";
import { defineGet } from "../read/define-get.ts";
import { defineHealth } from "../read/define-health.ts";
import { defineList } from "../read/define-list.ts";
import { defineTail } from "../read/define-tail.ts";
import { defineVerify } from "../verify/define-verify.ts";
import { build } from "../version.ts";
import type { Perform } from "./command-context.ts";
import type { ExitCode } from "./exit-code.ts";
import { helpAfter } from "./help-text.ts";
import { perform } from "./perform.ts";
import type { ProgramStart } from "./program-start.ts";

/** Runs one call of the command line in the form of subcommands and returns its exit code; nothing is thrown. */
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
    // What the parser throws is either the help or the version, which have been written, or a fault of the usage.
    return error.exitCode === 0 ? 0 : 2;
  }
  return exitCode;
}

function programOf({ config, output, errors }: ProgramStart, run: Perform): Command {
  const program = new Command("activity_client")
    .usage("[options] <command>\n       activity_client -add JSON | -deployment N [-address HOST] [-port N]")
    .description("Records, lists, follows and verifies the events of deployments.")
    .option("--address <host:port>", `where the service is (default: ${config.address})`, parseAddress)
    .option("--run-service <name>", "the service on Cloud Run; before the command it may be written --service")
    .option("--region <region>", "its region")
    .option("--project <project>", `its project${config.project ? ` (default: ${config.project})` : ""}`)
    .option("--audience <url>", "send an ID token for this audience to --address, over TLS")
    .option("--json", "print proto JSON, one object a line")
    .option("--timeout <seconds>", "the time for each call, and for lines of add (default: 10)", parseSeconds)
    .option("--tls", "speak TLS")
    .version(`activity_client ${build}`, "--version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => output.text(text),
      // It repeats what was typed.
      writeErr: (text) => errors.write(text.split("\n").map(escapeControls).join("\n")),
    })
    .showHelpAfterError("Run it with --help for all options.")
    .exitOverride()
    .addHelpText("after", helpAfter);
  for (const define of [defineAdd, defineList, defineTail, defineGet, defineDeployments, defineVerify, defineHealth]) {
    define(program, run);
  }
  return program;
}
