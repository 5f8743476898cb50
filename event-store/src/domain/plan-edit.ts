import type { EventWrite } from "./append.ts";
import { type Deployment, emptyHead, isPurged } from "./deployment.ts";
import { type NewEvent, storedEvent } from "./event.ts";
import { headAfter } from "./head-after.ts";

/** Type of the events that say that their deployment is purged. */
export const purgedType = "activityevents.purged";

/** Returns the head of a deployment that is deleted, or undeleted; the same one if nothing changes. */
export function hiddenHead(head: Deployment, isHidden: boolean): Deployment {
  const standing = isHidden ? "deleted" : "kept";
  if (isPurged(head) || head.standing === standing) return head;
  return { ...head, standing, edits: head.edits + 1 };
}

/** Plans the begin of a purge; undefined if it has begun before. */
export function planPurge(
  head: Deployment,
  { notice, receiveTimeUs }: { readonly notice: NewEvent; readonly receiveTimeUs: number },
): { readonly head: Deployment; readonly notice: EventWrite } | undefined {
  if (isPurged(head)) return undefined;
  const after = headAfter(head, head.deploymentId, notice, receiveTimeUs);
  return {
    head: { ...after, standing: "purging", edits: head.edits + 1 },
    notice: {
      event: notice,
      stored: storedEvent(notice, after.headSequence, receiveTimeUs),
      historyHash: after.historyHash.hash,
    },
  };
}

/** Returns what a purge leaves of a deployment: its id, its times, and the last pair of sequence and history hash. */
export function purgeTombstone(head: TombstoneOf): Deployment {
  const { deploymentId, createTimeUs, updateTimeUs, headSequence, foldedSequence, historyHash, edits } = head;
  const kept = { headSequence, foldedSequence, updateTimeUs, historyHash, edits };
  return { ...emptyHead(deploymentId, createTimeUs), ...kept, standing: "purged" };
}

type TombstoneOf = Pick<
  Deployment,
  "deploymentId" | "createTimeUs" | "updateTimeUs" | "headSequence" | "foldedSequence" | "historyHash" | "edits"
>;
