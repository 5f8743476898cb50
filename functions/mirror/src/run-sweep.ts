import type { MirrorStore, PendingDeployment } from "@activity-events/event-store";
import type { Logger } from "pino";
import type { Limits } from "./limits.ts";
import { logPositionAboveHead } from "./log-fault.ts";
import { faultCodeOf, MirrorFaultError } from "./mirror-fault.ts";
import type { SendPoke } from "./poke.ts";
import type { RunEnd } from "./run-mirror.ts";

/** Options of a sweep. */
export interface SweepOptions {
  readonly store: MirrorStore;
  readonly poke: SendPoke;
  readonly logger: Logger;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly limits: Limits;
}

/** Outcome of a sweep for one deployment. */
type Settled = "poked" | "cleared" | "left" | "failed" | "damaged";

/** End of a sweep: after the last deployment, at its time limit, or at a fault. */
export type SweepEnd = Extract<RunEnd, { kind: "complete" | "failed" }> | { readonly kind: "goes_on_next_time" };

/**
 * Checks deployments with a pending flag, from where the previous sweep stopped. Pokes those that are behind without
 * progress, and clears the flag of those that are mirrored and quiet. It mirrors nothing itself, logs one line and
 * never throws.
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

/** Settles one deployment; logs a failure instead of throwing, so that the sweep continues. */
async function settleOrLog(pending: PendingDeployment, options: SweepOptions): Promise<Settled> {
  try {
    return await settle(pending, options);
  } catch (cause) {
    const code = faultCodeOf(cause);
    options.logger.error({ code, deployment: pending.deploymentId, err: cause }, "a deployment was not settled");
    // Damage of one deployment must not make Pub/Sub redeliver the sweep for ever.
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
    await poke({ kind: "poke", deploymentId });
    return "poked";
  }
  if (mirroredSequence === headSequence) {
    if (ageMs(writtenTimeUs) < limits.quietTimeMs) return "left";
    return (await store.clearPending(pending)) ? "cleared" : "left";
  }
  // The position was read after the head, which may have moved.
  const above = {
    deployment: deploymentId,
    mirroredSequence,
    headSequence: (await store.readHead(deploymentId)).headSequence,
  };
  if (above.mirroredSequence > above.headSequence) logPositionAboveHead(logger, above);
  return "left";
}
