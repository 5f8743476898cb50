import {
  type ActivityEventsClient,
  ActivityEventsError,
  type CallOptions,
  type Fault,
  type FaultKind,
  verifyDeployment,
} from "@activity-events/client";
import { headHistoryHash, isStoreDamaged } from "@activity-events/client/internal";
import type { Deployment } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import type { CheckpointEntry } from "./checkpoint-entry.ts";
import { type DeploymentMatch, type Match, placeOf } from "./match-checkpoint.ts";

/** Result of verifying one deployment. */
export interface Verified {
  /** New checkpoint entry; undefined after a fault. */
  readonly entry: CheckpointEntry | undefined;
  /** False if its history was not read, such as that of an entry outside the requested ids. */
  readonly isVerified: boolean;
  readonly faults: readonly Fault[];
  /** Number of further faults. */
  readonly untold: number;
}

/** Client, selection and limits of a verification. */
export interface VerifyMatchOptions extends CallOptions {
  readonly client: ActivityEventsClient;
  /** Ids of the requested deployments; undefined for all. */
  readonly asked: ReadonlySet<string> | undefined;
  readonly onEvents: (count: number) => void;
}

/** Verifies a deployment that the service has, the checkpoint has, or both. */
export async function verifyMatch(match: Match, options: VerifyMatchOptions): Promise<Verified> {
  if (match.kind === "fault") return { entry: undefined, isVerified: false, faults: [match.fault], untold: 0 };
  const { entry, head } = match;
  const deploymentId = head?.deploymentId ?? entry?.deploymentId ?? "";
  if (head === undefined && options.asked?.has(deploymentId) === false) {
    return { entry, isVerified: false, faults: [], untold: 0 };
  }
  const faults: Fault[] = [];
  const add = (kind: FaultKind, description: string) =>
    faults.push({ kind, deploymentId, sequence: undefined, description });
  const ended = (isVerified: boolean): Verified => ({ entry: undefined, isVerified, faults, untold: 0 });
  try {
    const found = head ?? (await options.client.getDeployment({ deploymentId }, options));
    for (const { kind, description } of placeFaults(match, found, options.asked === undefined)) add(kind, description);
    // The list names it again at its current position; it is verified there.
    if (entry !== undefined && isOfAnotherTime(found, entry)) return ended(false);
    const { client, asked: _, ...call } = options;
    const onFault = (fault: Fault) => faults.push(fault);
    const { untold } = await verifyDeployment(client, { head: found, kept: entry?.historyHash, onFault, ...call });
    return { entry: entryOf(found), isVerified: true, faults, untold };
  } catch (error) {
    if (isStoreDamaged(error)) {
      if (!match.isDamaged) add("STORE_DAMAGED", error.message);
      return ended(head !== undefined);
    }
    if (!(error instanceof ActivityEventsError) || error.code !== "NOT_FOUND") throw error;
    if (entry === undefined) add("DEPLOYMENT_MISSING", "the list names it, but its events are not found");
    else add("CHECKPOINT_MISSING", `${inWords(entry)} is in the checkpoint but is not found`);
    return ended(true);
  }
}

type PlaceFault = Pick<Fault, "kind" | "description">;

/** Finds faults in the position at which the list names a deployment. */
function placeFaults(match: DeploymentMatch, found: Deployment, isList: boolean): readonly PlaceFault[] {
  const { head, entry, isInOrder, isLeftOut } = match;
  if (!isInOrder) return [{ kind: "LIST_ORDER", description: "the list names it after an older one" }];
  if (head !== undefined || entry === undefined) return [];
  if (isOfAnotherTime(found, entry)) {
    const description = `create time is ${placeOf(found).createTimeUs} µs; the checkpoint has ${entry.createTimeUs} µs`;
    return [{ kind: "CHECKPOINT_CREATE_TIME", description }];
  }
  if (!isList || !isLeftOut) return [];
  return [{ kind: "LIST_INCOMPLETE", description: "the list omits it, but it is found by its id" }];
}

function isOfAnotherTime(head: Deployment, { createTimeUs }: CheckpointEntry): boolean {
  return placeOf(head).createTimeUs !== createTimeUs;
}

function inWords({ historyHash }: CheckpointEntry): string {
  return historyHash === undefined ? "it" : `its history up to event ${historyHash.sequence}`;
}

function entryOf(head: Deployment): CheckpointEntry {
  return { ...placeOf(head), historyHash: headHistoryHash(head) };
}
