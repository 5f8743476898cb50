import type { Deployment } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import type { HistoryHash } from "./history-hash.ts";

/** The history hash that a head shows; undefined where it shows none, as an older version's. */
export function headHistoryHash(head: Deployment): HistoryHash | undefined {
  const { historyHash: hash, historyHashSequence: sequence, historyHashFrom: from } = head;
  return hash.length === 0 && sequence === 0n && from === 0n ? undefined : { hash, sequence, from };
}

/** Fault of a head's history hash; undefined: none. */
export function historyHashProblem({ hash, sequence, from }: HistoryHash, headSequence: bigint): string | undefined {
  if (hash.length !== 32) return `the history hash has ${hash.length} bytes; expected 32`;
  if (from >= 1n && from <= sequence && sequence <= headSequence) return undefined;
  return `the history hash is said to be of the events ${from} to ${sequence}, and the head counts ${headSequence}`;
}
