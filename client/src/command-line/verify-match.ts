import type { Deployment } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import type { ActivityEventsClient } from "../activity-events-client.ts";
import { ActivityEventsError } from "../activity-events-error.ts";
import type { CallOptions } from "../unary-call.ts";
import type { Fault, FaultKind } from "../verify/fault.ts";
import { headHistoryHash } from "../verify/head-history-hash.ts";
import { verifyDeployment } from "../verify/verify-deployment.ts";
import type { CheckpointEntry } from "./checkpoint-entry.ts";
import { type Match, placeOf } from "./match-checkpoint.ts";

/** What came of one deployment. */
export interface Verified {
  /** What a checkpoint keeps of it; undefined: it has no history hash. */
  readonly entry: CheckpointEntry | undefined;
  /** False: it was kept before and nobody asked for it now. */
  readonly isVerified: boolean;
  readonly faults: readonly Fault[];
  /** Faults beyond those. */
  readonly untold: number;
}

/** How a deployment is verified. */
export interface VerifyMatchOptions extends CallOptions {
  readonly client: ActivityEventsClient;
  /** The deployments that were asked for; undefined: all. */
  readonly asked: ReadonlySet<string> | undefined;
  readonly onEvents: (count: number) => void;
}

/** Verifies a deployment that is there, was kept, or both. */
export async function verifyMatch(match: Match, options: VerifyMatchOptions): Promise<Verified> {
  const { client, asked, onEvents, ...call } = options;
  const { entry, isInOrder } = match;
  const faults: Fault[] = [];
  const deploymentId = match.head?.deploymentId ?? entry?.deploymentId ?? "";
  const add = (kind: FaultKind, description: string) =>
    faults.push({ kind, deploymentId, sequence: undefined, description });
  const missing = (): Verified => {
    if (entry === undefined) add("DEPLOYMENT_MISSING", "the list names it, and its events are not found");
    else add("CHECKPOINT_MISSING", `its history up to event ${entry.historyHash.sequence} was kept; it is not found`);
    return { entry: undefined, isVerified: true, faults, untold: 0 };
  };

  if (match.head === undefined && entry !== undefined && asked?.has(deploymentId) === false) {
    return { entry, isVerified: false, faults, untold: 0 };
  }
  if (!isInOrder) add("LIST_ORDER", "the list names it behind an older one, or twice");
  try {
    // The list does not name it at the place that it had.
    const head = match.head ?? (await client.getDeployment({ deploymentId }, call));
    const kept = entry?.historyHash;
    const onFault = (fault: Fault) => faults.push(fault);
    const { untold } = await verifyDeployment(client, { head, kept, onFault, onEvents, ...call });
    return { entry: entryOf(head), isVerified: true, faults, untold };
  } catch (error) {
    if (error instanceof ActivityEventsError && error.code === "NOT_FOUND") return missing();
    throw error;
  }
}

function entryOf(head: Deployment): CheckpointEntry | undefined {
  const historyHash = headHistoryHash(head);
  return historyHash === undefined ? undefined : { ...placeOf(head), historyHash };
}
