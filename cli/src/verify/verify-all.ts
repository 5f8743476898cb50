import { ActivityEventsError } from "@activity-events/client";
import { type CommandContext, reach } from "../program/command-context.ts";
import { type ExitCode, exitCodeOf } from "../program/exit-code.ts";
import type { InterruptedCode } from "../program/interruption.ts";
import type { CheckpointEntry } from "./checkpoint-entry.ts";
import { CheckpointNotWritten, checkCheckpoint, NewCheckpoint, readCheckpoint } from "./checkpoint-file.ts";
import { HeadReader } from "./head-reader.ts";
import { inOrder } from "./in-order.ts";
import { matchCheckpoint } from "./match-checkpoint.ts";
import { namedHeads } from "./named-heads.ts";
import { verifyMatch } from "./verify-match.ts";
import { VerifyReport } from "./verify-report.ts";

// Deployments at a time. Together their pages fit into the bytes that a service lets a connection leave unread.
const atOnce = 4;

/** Deployments and checkpoint of one run of `verify`. */
export interface VerifyRequest {
  /** Ids of the deployments; undefined for all. */
  readonly ids: readonly string[] | undefined;
  /** Name of the checkpoint. */
  readonly file: string | undefined;
}

/**
 * Verifies deployments, a few at a time, and compares them with a checkpoint. Returns the exit code. Ctrl-C and SIGTERM
 * leave the checkpoint unchanged.
 */
export async function verifyAll(context: CommandContext, request: VerifyRequest): Promise<ExitCode> {
  const { interruption, explain, complain } = context;
  const { file } = request;
  const isKept = file !== undefined && (await checkCheckpoint(file));
  await reach(context);
  const givingUp = new AbortController();
  let interrupted: InterruptedCode | undefined;
  const release = interruption.intercept((exitCode) => {
    interrupted ??= exitCode;
    givingUp.abort();
  });
  const report = new VerifyReport(context);
  let isWhole = false;
  try {
    await using checkpoint = file === undefined ? undefined : await NewCheckpoint.begin(file);
    report.begin();
    const kept = isKept ? readCheckpoint(file) : nothingKept();
    await verifyMatches(context, { ids: request.ids, kept, checkpoint, report, signal: givingUp.signal });
    if (report.exitCode === 0) await checkpoint?.replace();
    isWhole = true;
    return report.exitCode;
  } catch (error) {
    if (interrupted !== undefined) return interrupted;
    if (error instanceof CheckpointNotWritten) complain(error.message);
    else if (error instanceof ActivityEventsError) complain(await explain(error));
    else throw error;
    return error instanceof ActivityEventsError ? exitCodeOf(error) : 1;
  } finally {
    release();
    await report.end(isWhole);
  }
}

interface Matches {
  readonly ids: readonly string[] | undefined;
  readonly kept: AsyncGenerator<CheckpointEntry, void, undefined>;
  readonly checkpoint: NewCheckpoint | undefined;
  readonly report: VerifyReport;
  readonly signal: AbortSignal;
}

async function verifyMatches(context: CommandContext, matches: Matches): Promise<void> {
  const { timeoutMs } = context;
  const { ids, kept, checkpoint, report, signal } = matches;
  const call = { timeoutMs, signal };
  const asked = ids === undefined ? undefined : new Set(ids);
  const reader = new HeadReader(context, call);
  const named = asked === undefined ? undefined : await namedHeads(reader, asked);
  const listed = named?.listed ?? reader.list();
  const onEvents = (count: number) => report.events(count);
  const verified = inOrder(
    matchCheckpoint(asAsync(listed), kept),
    (match) => {
      if (match.kind === "deployment") named?.missing.delete(match.entry?.deploymentId ?? "");
      return verifyMatch(match, { reader, asked, onEvents, ...call });
    },
    atOnce,
  );
  for await (const one of verified) {
    await report.verified(one);
    if (one.entry !== undefined) await checkpoint?.add(one.entry);
  }
  if (named === undefined && !reader.seesDeleted) report.withoutDeleted();
  // The checkpoint does not know these either, so they never existed.
  for (const error of named?.missing.values() ?? []) throw error;
}

async function* asAsync<Item>(items: Iterable<Item> | AsyncIterable<Item>): AsyncGenerator<Item, void, undefined> {
  yield* items;
}

async function* nothingKept(): AsyncGenerator<CheckpointEntry, void, undefined> {}
