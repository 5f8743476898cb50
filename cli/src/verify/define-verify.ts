import type { Command } from "commander";
import { parseFile, parseIds } from "../flags/parse-flags.ts";
import type { Perform } from "../program/command-context.ts";
import { verifyAll } from "./verify-all.ts";

interface VerifyFlags {
  readonly deploymentId?: readonly string[];
  readonly checkpoint?: string;
}

const help = `
Reads all events and heads, and recomputes the history hash without trusting the
service. Checks that no sequence is missing or repeated, that names, ids and
times agree, and that head and hash follow from the events. Prints one line per
fault, then totals. Exits with 8 on any fault.

Deleted deployments are among them with the role admin; without it the totals
say that they were not looked at.

With --checkpoint, first compares each history with the sequence and hash that
FILE has from the last run. Exits with 7 if the history up to there differs, is
shorter, is gone, starts later, or has another create time. Lists deployments
that were purged since, which is no fault. Replaces FILE,
readable by its owner only, if there was no fault. With --deployment-id,
compares only these deployments and keeps the other entries of FILE.

Example:
  activity_client verify --checkpoint audit.jsonl`;

/** Adds `verify`: proves that histories are complete and were not rewritten. */
export function defineVerify(program: Command, perform: Perform): void {
  const command = program
    .command("verify")
    .description("prove that histories are complete and unaltered; exits with 7 or 8 if not")
    .argument("[deployment-ids...]", "verify only these deployments", parseIds)
    .option("-d, --deployment-id <id>", "the same by a flag; repeatable", parseIds)
    .option("--checkpoint <file>", "compare with the hashes in this file, then update it", parseFile)
    .addHelpText("after", help)
    .action((given: readonly string[], { deploymentId: flagged = [], checkpoint: file }: VerifyFlags) => {
      const ids = [...new Set([...given, ...flagged])];
      return perform(command, (context) => verifyAll(context, { ids: ids.length === 0 ? undefined : ids, file }));
    });
}
