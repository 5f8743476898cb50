import {
  ActivityEventsError,
  type CallOptions,
  type Fault,
  type FaultKind,
  type HistoryHash,
  verifyDeployment,
} from "@activity-events/client";
import { headHistoryHash, isOfCheckpoint, isStoreDamaged } from "@activity-events/client/internal";
import { type Deployment, DeploymentStanding } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import type { CheckpointEntry } from "./checkpoint-entry.ts";
import type { HeadReader } from "./head-reader.ts";
import { type DeploymentMatch, type Match, placeOf } from "./match-checkpoint.ts";

/** Result of verifying one deployment. */
export interface Verified {
  /** New checkpoint entry; undefined after a fault. */
  readonly entry: CheckpointEntry | undefined;
  /** False if its history was not read, such as that of an entry outside the requested ids. */
  readonly isVerified: boolean;
  readonly faults: readonly Fault[];
  /** Set if it was purged. */
  readonly purged?: PurgedDeployment;
  /** Number of further faults. */
  readonly untold: number;
}

/** A deployment whose events were removed for good. */
export interface PurgedDeployment {
  readonly deploymentId: string;
  /** Its last sequence, and the history hash there in hex. */
  readonly sequence: bigint;
  readonly historyHash: string;
  /** True if the checkpoint has it as it was before. */
  readonly isNews: boolean;
}

/** Reader, selection and limits of a verification. */
export interface VerifyMatchOptions extends CallOptions {
  readonly reader: HeadReader;
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
    const { reader, asked, ...call } = options;
    const found = head ?? (await reader.head(deploymentId));
    for (const { kind, description } of placeFaults(match, found, asked === undefined)) add(kind, description);
    // The list names it again at its current position; it is verified there.
    if (entry !== undefined && isOfAnotherTime(found, entry)) return ended(false);
    if (found.standing === DeploymentStanding.PURGED) return purgedEnd(entryOf(found), entry, faults);
    const { client, showDeleted } = reader.readingOf(found);
    const onFault = (fault: Fault) => faults.push(fault);
    const kept = entry?.historyHash;
    const { untold } = await verifyDeployment(client, { head: found, kept, showDeleted, onFault, ...call });
    return { entry: entryOf(found), isVerified: true, faults, untold };
  } catch (error) {
    if (isStoreDamaged(error)) {
      if (!match.isDamaged) add("STORE_DAMAGED", error.message);
      return ended(head !== undefined);
    }
    if (!(error instanceof ActivityEventsError) || error.code !== "NOT_FOUND") throw error;
    const left = lastPairOf(error);
    if (left !== undefined) {
      // The events go while this reads: what came of them proves nothing.
      return purgedEnd(
        tombstoneOf(head === undefined ? entry : entryOf(head), left),
        entry,
        faults.filter(isOfCheckpoint),
      );
    }
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

/** Ends with a deployment that was purged: its last pair must be at the checkpoint's, or behind it. */
function purgedEnd(left: CheckpointEntry, entry: CheckpointEntry | undefined, faults: Fault[]): Verified {
  const { deploymentId } = left;
  const [now, kept] = [left.historyHash, entry?.historyHash];
  const add = (kind: FaultKind, description: string) =>
    faults.push({ kind, deploymentId, sequence: undefined, description });
  if (kept !== undefined) {
    if (now === undefined || now.sequence < kept.sequence) {
      const found = now === undefined ? "without a history hash" : `at event ${now.sequence}`;
      add("CHECKPOINT_SHORTER", `it was purged ${found}; the checkpoint has its history up to ${kept.sequence}`);
    } else if (now.sequence === kept.sequence && hexOf(now) !== hexOf(kept)) {
      add("CHECKPOINT_HASH", `it was purged with the hash ${hexOf(now)}; the checkpoint has ${hexOf(kept)}`);
    }
    if (now !== undefined && now.from > kept.from) {
      add("CHECKPOINT_FROM", `the history hash starts at event ${now.from}; the checkpoint has one from ${kept.from}`);
    }
  }
  if (faults.length > 0) return { entry: undefined, isVerified: false, faults, untold: 0 };
  const isNews = entry !== undefined && now?.sequence !== kept?.sequence;
  const purged = { deploymentId, sequence: now?.sequence ?? 0n, historyHash: hexOf(now), isNews };
  return { entry: left, isVerified: false, faults, untold: 0, purged };
}

function hexOf(pair: HistoryHash | undefined): string {
  return Buffer.from(pair?.hash ?? []).toString("hex");
}

type LastPair = Pick<HistoryHash, "sequence" | "hash">;

/** Returns the last pair that the service tells of a purged deployment; undefined if it says that there is none. */
function lastPairOf({ reason, metadata }: ActivityEventsError): LastPair | undefined {
  const { head_sequence: sequence = "", history_hash: hash = "" } = metadata;
  if (reason !== "DEPLOYMENT_PURGED" || !/^\d{1,19}$/.test(sequence) || !/^([0-9a-f]{64})?$/.test(hash))
    return undefined;
  return { sequence: BigInt(sequence), hash: Buffer.from(hash, "hex") };
}

/** Returns the entry of a deployment that was purged since an earlier one was made. */
function tombstoneOf(earlier: CheckpointEntry | undefined, { sequence, hash }: LastPair): CheckpointEntry {
  const place = earlier ?? { deploymentId: "", createTimeUs: 0n };
  // The answer does not say where the chain begins; it never moves.
  const from = earlier?.historyHash?.from ?? 1n;
  return { ...place, historyHash: hash.length === 0 ? undefined : { sequence, hash, from } };
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
