import type { Command } from "commander";
import { parseLabel, parseTime } from "../flags/parse-flags.ts";
import type { RunFlags } from "./recorded-run.ts";

/** Runs `run` after its flags are parsed; `command` carries the global flags. */
export type PerformRun = (command: Command, words: readonly [string, ...string[]], flags: RunFlags) => Promise<void>;

const help = `
Put -- before COMMAND. The deployment ends with COMMAND: exit code 0 is SUCCESS,
another one FAILURE, and a signal that run got as well CANCELED. The exit code
is that of COMMAND; 126 and 127, as in a shell, where it cannot be started.
COMMAND runs whatever becomes of the events: they are kept in the spool and
sent within 2 s of its end, or later by run, add or flush.

COMMAND finds ACTIVITY_DEPLOYMENT_ID, ACTIVITY_ADDRESS and TRACEPARENT in its
environment, so that "activity_client add -m migrated" needs no more flags.
On CI, flags that are missing come from the variables of the CI system.

Example:
  activity_client run --service api --environment production -- ./deploy.sh`;

/** Adds `run`: records a deployment around a command. */
export function defineRun(program: Command, performRun: PerformRun): void {
  const command = program
    .command("run")
    .usage("[options] -- COMMAND [ARGUMENT...]")
    .description("run a command and record it as a deployment, without disturbing it")
    .argument("<command-line...>", "command with its arguments, behind --")
    .option("-d, --deployment-id <id>", "id of the deployment (default: made of the CI run, else a new UUIDv7)")
    .option("--environment <text>", "target environment")
    .option("--service <text>", "service that is rolled out")
    .option("--revision <text>", "version that is rolled out")
    .option("--commit <text>", "source commit of the revision")
    .option("--commit-time <time>", "time of the commit, RFC 3339", parseTime)
    .option("--actor <text>", "person or program that acts")
    .option("--source <uri>", "producer of the events, a URI reference")
    .option("--url <url>", "web page with details")
    .option("-l, --label <key=value>", "label; repeatable", parseLabel)
    .option("--record-output", "record each line of output as progress; the command then sees no terminal")
    .option("--strict", "fail with exit code 5 if the command succeeds and an event is not recorded")
    .showHelpAfterError("Put -- before the command that is run; --help shows all options.")
    .addHelpText("after", help)
    .action((words: [string, ...string[]], flags: RunFlags) => performRun(command, words, flags));
}
