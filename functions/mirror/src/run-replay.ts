import type { MirrorPosition, Replay } from "@activity-events/event-store";
import { logDocument } from "./log-fault.ts";
import { faultCodeOf } from "./mirror-fault.ts";
import { mirrorMessage } from "./mirror-message.ts";
import { nextPlaces } from "./next-places.ts";
import { type Positions, Progress } from "./progress.ts";
import type { MirrorRunOptions, RunEnd } from "./run-mirror.ts";

/**
 * Publishes a range of a deployment again, in order and marked, up to the mirror's position, which it does not move. Pokes for the
 * rest when it has had its share. Logs one line and never throws.
 */
export async function runReplay(replay: Replay, options: MirrorRunOptions): Promise<RunEnd> {
  const { deploymentId, fromSequence, toSequence } = replay;
  const logger = options.logger.child({ deployment: deploymentId });
  const begunMs = options.clock();
  const before = { deploymentId, mirroredSequence: fromSequence - 1, movedTimeUs: undefined, version: undefined };
  const progress = new Progress(before, { ...options, store: positionsOf(before), logger, replayed: true });
  const end = await publishAgain(replay, progress, { ...options, logger }).catch(
    (cause): RunEnd => ({ kind: "failed", code: faultCodeOf(cause), cause }),
  );
  const fields = {
    from: fromSequence,
    to: toSequence,
    replayed_to: progress.mirroredSequence,
    published: progress.published,
    tombstones: progress.tombstones,
    duration_ms: options.clock() - begunMs,
    end: end.kind,
  };
  if (end.kind === "failed") logger.error({ ...fields, code: end.code, err: end.cause }, "replay");
  else logger.info(fields, "replay");
  return end;
}

async function publishAgain(
  { deploymentId, toSequence }: Replay,
  progress: Progress,
  { store, poke, logger, limits }: MirrorRunOptions,
): Promise<RunEnd> {
  // The first appearance of an event is the mirror's: above its position a repeat would come first.
  const { mirroredSequence } = await store.readPosition(deploymentId);
  const last = Math.min(toSequence, mirroredSequence);
  while (progress.mirroredSequence < last) {
    const afterSequence = progress.mirroredSequence;
    if (progress.messagesLeft === 0) {
      await poke({ kind: "replay", deploymentId, fromSequence: afterSequence + 1, toSequence: last });
      return { kind: "poked_again" };
    }
    const eventsMax = Math.min(limits.chunkMessagesMax, progress.messagesLeft);
    const placesMax = Math.min(eventsMax, last - afterSequence);
    const bytesMax = Number.MAX_SAFE_INTEGER;
    const page = await store.readEvents({ deploymentId, afterSequence, eventsMax, bytesMax });
    // What is mirrored was below the head.
    const { places, outOfPlace } = nextPlaces({ afterSequence, page, headSequence: last, placesMax });
    for (const document of outOfPlace) logDocument(logger, "EVENT_OUT_OF_PLACE", document);
    const isMissing = places.some(({ kind }) => kind === "missing");
    const isPurged = isMissing && (await store.readHead(deploymentId)).isPurged;
    await progress.publish(places.map((place) => mirrorMessage(place, { deploymentId, isPurged, replayed: true })));
  }
  return { kind: "complete" };
}

/** Positions of a run that nobody shares. */
function positionsOf(before: MirrorPosition): Positions {
  let position = before;
  return {
    readPosition: async () => position,
    advance: async (from, mirroredSequence) => {
      position = { ...from, mirroredSequence };
      return position;
    },
  };
}
