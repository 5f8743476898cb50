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

/** What came of one deployment. */
export interface Verified {
  /** What a checkpoint keeps of it; undefined: nothing, since there is a fault. */
  readonly entry: CheckpointEntry | undefined;
  /** False: its history was not read, as of one that was kept before and nobody asked for now. */
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
    // The list names it where it stands now; there it is verified.
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
    if (entry === undefined) add("DEPLOYMENT_MISSING", "the list names it, and its events are not found");
    else add("CHECKPOINT_MISSING", `${inWords(entry)} was kept; it is not found`);
    return ended(true);
  }
}

type PlaceFault = Pick<Fault, "kind" | "description">;

/** What is wrong with where the list names a deployment. */
function placeFaults(match: DeploymentMatch, found: Deployment, isList: boolean): readonly PlaceFault[] {
  const { head, entry, isInOrder, isLeftOut } = match;
  if (!isInOrder) return [{ kind: "LIST_ORDER", description: "the list names it behind an older one" }];
  if (head !== undefined || entry === undefined) return [];
  if (isOfAnotherTime(found, entry)) {
    const description = `its create time is ${placeOf(found).createTimeUs} µs; kept was ${entry.createTimeUs} µs`;
    return [{ kind: "CHECKPOINT_CREATE_TIME", description }];
  }
  if (!isList || !isLeftOut) return [];
  return [{ kind: "LIST_INCOMPLETE", description: "the list leaves it out, and it is found by its id" }];
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
