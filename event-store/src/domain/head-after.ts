import { type Deployment, foldEvent } from "./deployment.ts";
import type { NewEvent, StoredEvent } from "./event.ts";
import { commitmentOf, type HistoryHash, withCommitment } from "./history-hash.ts";
import type { DeploymentId } from "./identifiers.ts";

/** Folds one more event into the head, with its history hash; the previous hash, if any, goes up to the last event. */
export function headAfter(
  before: Deployment | undefined,
  deploymentId: DeploymentId,
  event: Pick<NewEvent, "eventId" | "content" | "salt" | "facts"> & Pick<StoredEvent, "redaction">,
  receiveTimeUs: number,
): Deployment & { readonly historyHash: HistoryHash } {
  const { eventId, content, salt, facts, redaction } = event;
  const place = { deploymentId, sequence: (before?.headSequence ?? 0) + 1, receiveTimeUs };
  const { sendTime, principal } = facts;
  const commitment = redaction?.commitment ?? commitmentOf({ salt, eventId, content, sendTime, principal });
  const historyHash = withCommitment(before?.historyHash, place, commitment);
  return foldEvent(before, deploymentId, facts, receiveTimeUs, historyHash) as Deployment & {
    historyHash: HistoryHash;
  };
}
