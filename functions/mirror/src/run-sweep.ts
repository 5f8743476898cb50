import type { MirrorStore, PendingDeployment } from "@activity-events/event-store";
import type { Logger } from "pino";
import type { Limits } from "./limits.ts";
import { logPositionAboveHead } from "./log-fault.ts";
import { faultCodeOf, MirrorFaultError } from "./mirror-fault.ts";
import type { SendPoke } from "./poke.ts";
import type { RunEnd } from "./run-mirror.ts";

/** What a sweep needs. */
export interface SweepOptions {
  readonly store: MirrorStore;
  readonly poke: SendPoke;
  readonly logger: Logger;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly limits: Limits;
}

/** What a sweep did with a deployment. */
type Settled = "poked" | "cleared" | "left" | "failed" | "damaged";

/** How a sweep ended: at the last deployment, at the end of its time, or at a fault. */
export type SweepEnd = Extract<RunEnd, { kind: "complete" | "failed" }> | { readonly kind: "goes_on_next_time" };

/**
 * Looks through the deployments whose head says that something may be unmirrored, from where the sweep before stopped:
 * pokes those that are behind and stand still, and clears the flag of those that are mirrored and quiet. Mirrors nothing
 * itself, logs one line, and never throws.
 */
export async function runSweep(options: SweepOptions): Promise<SweepEnd> {
  const begunMs = options.clock();
  const counts: Record<Settled, number> = { poked: 0, cleared: 0, left: 0, failed: 0, damaged: 0 };
  const end = await sweep(counts, options).catch(
    (cause): SweepEnd => ({ kind: "failed", code: faultCodeOf(cause), cause }),
  );
  const fields = { ...counts, duration_ms: options.clock() - begunMs, end: end.kind };
  if (end.kind === "failed") options.logger.error({ ...fields, code: end.code, err: end.cause }, "sweep");
  else options.logger.info(fields, "sweep");
  return end;
}

async function sweep(counts: Record<Settled, number>, options: SweepOptions): Promise<SweepEnd> {
  const { store, clock, limits } = options;
  const endMs = clock() + limits.sweepTimeMs;
  let cursor = await store.readSweepCursor();
  do {
    const page = await store.readPending({ after: cursor, deploymentsMax: limits.sweepPageDeployments });
    const settled = await Promise.all(page.map((pending) => settleOrLog(pending, options)));
    for (const one of settled) counts[one] += 1;
    const next = page.at(-1)?.deploymentId;
    if (next !== cursor) await store.writeSweepCursor(next);
    cursor = next;
  } while (cursor !== undefined && clock() < endMs);

  if (counts.failed > 0) throw new MirrorFaultError("SWEEP_INCOMPLETE", `${counts.failed} could not be settled`);
  return cursor === undefined ? { kind: "complete" } : { kind: "goes_on_next_time" };
}

/** One deployment that fails does not stop the sweep. */
async function settleOrLog(pending: PendingDeployment, options: SweepOptions): Promise<Settled> {
  try {
    return await settle(pending, options);
  } catch (cause) {
    const code = faultCodeOf(cause);
    options.logger.error({ code, deployment: pending.deploymentId, err: cause }, "a deployment was not settled");
    // What is wrong with one deployment only would keep the message of the sweep alive for ever.
    return code === "INTERNAL" ? "damaged" : "failed";
  }
}

async function settle(
  pending: PendingDeployment,
  { store, poke, logger, clock, limits }: SweepOptions,
): Promise<Settled> {
  const { deploymentId, headSequence, createTimeUs, writtenTimeUs } = pending;
  const ageMs = (timeUs: number) => clock() - timeUs / 1_000;
  const { mirroredSequence, movedTimeUs = createTimeUs } = await store.readPosition(deploymentId);
  if (mirroredSequence < headSequence) {
    if (ageMs(movedTimeUs) < limits.stalledTimeMs) return "left";
    await poke(deploymentId);
    return "poked";
  }
  if (mirroredSequence === headSequence) {
    if (ageMs(writtenTimeUs) < limits.quietTimeMs) return "left";
    return (await store.clearPending(pending)) ? "cleared" : "left";
  }
  // The position was read after the head, which may have moved on meanwhile.
  const head = await store.readHead(deploymentId);
  const above = { deployment: deploymentId, mirroredSequence, headSequence: head?.headSequence ?? 0 };
  if (above.mirroredSequence > above.headSequence) logPositionAboveHead(logger, above);
  return "left";
}
