import type { Deployment } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import type { HistoryHash } from "./history-hash.ts";

/** Reads a head's history hash; undefined if it has none, as from an older version. */
export function headHistoryHash(head: Deployment): HistoryHash | undefined {
  const { historyHash: hash, historyHashSequence: sequence, historyHashFrom: from } = head;
  return hash.length === 0 && sequence === 0n && from === 0n ? undefined : { hash, sequence, from };
}

/** Checks the form of a head's history hash. Returns the problem, if any. */
export function historyHashProblem({ hash, sequence, from }: HistoryHash, headSequence: bigint): string | undefined {
  if (hash.length !== 32) return `the history hash has ${hash.length} bytes; expected 32`;
  if (from >= 1n && from <= sequence && sequence <= headSequence) return undefined;
  return `the history hash claims the events ${from} to ${sequence}, but the head counts ${headSequence}`;
}
