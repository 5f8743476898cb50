import { type Claim, requireHolder } from "./claim/claim.ts";
import { BadSignError } from "./failures.ts";
import { pause } from "./pause.ts";
import { serviceParts } from "./resource-name.ts";
import { readRevisionMetrics } from "./revision-metrics.ts";
import type { RollOutOptions } from "./roll-out-options.ts";
import type { TaggedRevision } from "./tagged-revision.ts";

/**
 * Watches the new revision until the step's time is up; returns a summary. Throws `BadSignError`, or `StoppedError` if
 * somebody else took over, because a failed check then says nothing about the revision.
 */
export async function lookAtStep(tagged: TaggedRevision, claim: Claim, options: RollOutOptions): Promise<string> {
  const { plane, holdMs, lookIntervalMs, signal } = options;
  const endMs = performance.now() + holdMs;
  const sinceMs = Date.now();
  for (let count = 1; ; count += 1) {
    const probed = await tagged.probe(`${claim.runner}-${claim.percent}-${count}`).catch((error: Error) => error);
    const service = await plane.service().catch(() => undefined);
    if (service !== undefined) requireHolder(service, claim);
    if (probed instanceof Error) throw probed;
    const metrics = await measured(claim, sinceMs, options);
    const restMs = endMs - performance.now();
    if (restMs <= 0) return `healthy; appended and read an event; ${metrics}`;
    await pause(Math.min(lookIntervalMs, restMs), signal);
  }
}

async function measured({ to = "" }: Claim, sinceMs: number, options: RollOutOptions): Promise<string> {
  const { plane, monitoringEndpoint: endpoint, errorShareMax, medianMaxMs } = options;
  const metrics = await readRevisionMetrics({ ...serviceParts(plane.name), revision: to, sinceMs, endpoint }).catch(
    (error: Error) => error,
  );
  if (metrics instanceof Error) return `metrics unavailable (${metrics.message})`;
  const { requests, errorShare, medianMs } = metrics;
  const share = `${(errorShare * 100).toFixed(1)} % of ${requests} requests failed`;
  if (errorShare > errorShareMax) throw new BadSignError(share);
  if ((medianMs ?? 0) > medianMaxMs) throw new BadSignError(`median latency is ${medianMs} ms`);
  if (requests === 0) return "no requests counted yet";
  return medianMs === undefined ? share : `${share}, median latency ${Math.round(medianMs)} ms`;
}
