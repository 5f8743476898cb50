import type { Command } from "commander";
import { parseFile, parseIds } from "../flags/parse-flags.ts";
import type { Perform } from "../program/command-context.ts";
import { verifyAll } from "./verify-all.ts";

interface VerifyFlags {
  readonly deploymentId?: readonly string[];
  readonly checkpoint?: string;
}

const help = `
It reads the events and their heads and computes the history hash by itself: every sequence is there once, names, ids and
times agree, the head is what its events add up to, and the hash is that of the events. A line for each fault, then the
numbers; exit code 8 where there is a fault.

--checkpoint keeps sequence and hash of every deployment in FILE, for its owner alone. The next time the history up to there
must still have that hash: where it has another one, is shorter, is gone, begins later, or was created at another time, the exit
code is 7, and the first line about it names the first such deployment. FILE is replaced only when all was well. With --deployment-id only these are
compared, and what FILE keeps of others stays.`;

/** Adds `verify`: proves that histories are whole and were not rewritten. */
export function defineVerify(program: Command, perform: Perform): void {
  const command = program
    .command("verify")
    .description("prove that histories are whole and unaltered; exit code 7 or 8 when not")
    .option("--deployment-id <id>", "only this deployment; may be repeated", parseIds)
    .option(
      "--checkpoint <file>",
      "compare with what FILE keeps of the last time, then keep what is there now",
      parseFile,
    )
    .addHelpText("after", help)
    .action((flags: VerifyFlags) =>
      perform(command, (context) => verifyAll(context, { ids: flags.deploymentId, file: flags.checkpoint })),
    );
}
