import { escapeControls } from "@activity-events/client";
import { Command, CommanderError } from "commander";
import { defineAccess } from "../access/define-access.ts";
import { defineAdd } from "../add/define-add.ts";
import { defineDelete, defineUndelete } from "../admin/define-delete.ts";
import { defineExpire } from "../admin/define-expire.ts";
import { definePurge } from "../admin/define-purge.ts";
import { defineRedact } from "../admin/define-redact.ts";
import { defineReplay } from "../admin/define-replay.ts";
import { defineCompletion } from "../completion/define-completion.ts";
import { defaultAddress } from "../config.ts";
import { parseContextName } from "../contexts/context.ts";
import { defineContext } from "../contexts/define-context.ts";
import { defineExport } from "../export/define-export.ts";
import { brokenArgument } from "../flags/broken-argument.ts";
import { parseAddress, parseFile, parseId, parseSeconds } from "../flags/parse-flags.ts";
import { defineForward } from "../forward/define-forward.ts";
import { defineImport } from "../import/define-import.ts";
import { defineDeployments } from "../read/define-deployments.ts";
import { defineGet } from "../read/define-get.ts";
import { defineHealth } from "../read/define-health.ts";
import { defineList } from "../read/define-list.ts";
import { defineTail } from "../read/define-tail.ts";
import { defineRun, type PerformRun } from "../run/define-run.ts";
import { runCommand } from "../run/run-command.ts";
import { defineFlush } from "../spool/define-flush.ts";
import { defineVerify } from "../verify/define-verify.ts";
import { build } from "../version.ts";
import type { Perform } from "./command-context.ts";
import { helpLayout } from "./help-layout.ts";
import { helpAfter } from "./help-text.ts";
import { perform } from "./perform.ts";
import { type PerformLocally, performLocally } from "./perform-locally.ts";
import type { ProgramEnd } from "./program-end.ts";
import type { ProgramStart } from "./program-start.ts";
import { usageFault } from "./usage-fault.ts";

/** Runs one command line with subcommands. Returns how the program ends and never throws. */
export async function runProgram(start: ProgramStart): Promise<ProgramEnd> {
  const broken = brokenArgument(start.args);
  if (broken !== undefined) {
    start.errors.write(`activity_client: argument ${broken} is not UTF-8.\n`);
    return 2;
  }
  let end: ProgramEnd = 0;
  const program = programOf(start, {
    perform: async (command, run) => {
      end = await perform({ start, command, run });
    },
    performLocally: async (command, run) => {
      end = await performLocally({ start, command, run });
    },
    performRun: async (command, words, flags) => {
      end = await runCommand({ start, global: command.optsWithGlobals(), words, flags });
    },
  });
  try {
    await program.parseAsync(withoutHelpOfNothing(program, start.args), { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // The parser throws after it printed the help or the version, and for wrong usage.
    return error.exitCode === 0 ? 0 : 2;
  }
  return end;
}

/** The arguments; of a command that there is not, without the flag for its help, which would show that of the program instead. */
function withoutHelpOfNothing({ commands }: Command, args: readonly string[]): string[] {
  const [first = "-"] = args;
  const isUnknown = !first.startsWith("-") && first !== "help" && !commands.some((command) => command.name() === first);
  return args.filter((arg) => !isUnknown || (arg !== "--help" && arg !== "-h"));
}

interface Performers {
  readonly perform: Perform;
  readonly performLocally: PerformLocally;
  readonly performRun: PerformRun;
}

function programOf({ config, output, errors }: ProgramStart, performers: Performers): Command {
  const defaultText = config.address ?? `that of the context in use, else ${defaultAddress}`;
  const program = new Command("activity_client")
    .usage("[options] <command>\n       activity_client -add JSON | -deployment N [-address HOST] [-port N]")
    .description("Record, list, follow and verify the events of deployments.")
    .option("--address <host:port>", `address of the service (default: ${defaultText})`, parseAddress)
    .option("--context <context>", "connect as this context says; see context --help", parseContextName)
    .option("--run-service <name>", "name of the service on Cloud Run, to look its address up", parseId)
    .option("--region <region>", "region of the service on Cloud Run", parseId)
    .option(
      "--project <project>",
      `project of the service on Cloud Run${config.project ? ` (default: ${config.project})` : ""}`,
      parseId,
    )
    .option("--audience <url>", "send an ID token for this audience; implies --tls", parseId)
    .option("--json", "print proto JSON, one object per line")
    .option(
      "--timeout <seconds>",
      "time limit of each call, or of each event that add sends (default: 10)",
      parseSeconds,
    )
    .option("--utc", "show times on a terminal in UTC, as they always are in a pipe")
    .option("--tls", "use TLS")
    .option("--ca-file <file>", "trust the authorities in this PEM file; implies --tls", parseFile)
    .option("--client-cert <file>", "show the service the certificate in this PEM file; implies --tls", parseFile)
    .option("--client-key <file>", "key of the certificate of --client-cert, PEM", parseFile)
    .option("--token-file <file>", "send the token in this file, read anew for each call", parseFile)
    .version(`activity_client ${build}`, "--version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print help for a command")
    .configureHelp(helpLayout)
    .configureOutput({
      writeOut: (text) => output.text(text),
      // The text repeats the arguments.
      writeErr: (text) => errors.write(text.split("\n").map(escapeControls).join("\n")),
      outputError: (text, write) => write(usageFault(text)),
    })
    .showHelpAfterError("Run with --help to see all options.")
    .exitOverride()
    .addHelpText("after", helpAfter);
  defineRun(program, performers.performRun);
  const definers = [
    defineAdd,
    defineFlush,
    defineList,
    defineTail,
    defineGet,
    defineDeployments,
    defineForward,
    defineExport,
    defineImport,
    defineVerify,
    defineRedact,
    defineDelete,
    defineUndelete,
    definePurge,
    defineExpire,
    defineReplay,
    defineHealth,
  ];
  for (const define of definers) define(program, performers.perform);
  defineContext(program, performers.performLocally);
  defineAccess(program, performers.performLocally);
  defineCompletion(program, output);
  return program;
}
