import type { DeploymentId, MirrorEvent, MirrorHead, MirrorStore } from "@activity-events/event-store";
import type { Logger } from "pino";
import { logDocument, logFault, logPositionAboveHead } from "./log-fault.ts";
import { type FaultCode, faultCodeOf } from "./mirror-fault.ts";
import { mirrorMessage } from "./mirror-message.ts";
import { nextPlaces, sequenceOf } from "./next-places.ts";
import type { SendPoke } from "./poke.ts";
import { Progress, type ProgressOptions } from "./progress.ts";

/** Options of a run. */
export interface MirrorRunOptions extends ProgressOptions {
  readonly store: MirrorStore;
  readonly poke: SendPoke;
}

/** End of a run. */
export type RunEnd =
  /** Everything up to the head is mirrored. */
  | { readonly kind: "complete" }
  /** The run reached its limit of events or time and published a poke for the next run. */
  | { readonly kind: "poked_again" }
  | { readonly kind: "failed"; readonly code: FaultCode; readonly cause: unknown };

/** Publishes a deployment's unmirrored events in order. Logs one line and never throws. */
export async function runMirror(deploymentId: DeploymentId, options: MirrorRunOptions): Promise<RunEnd> {
  const logger = options.logger.child({ deployment: deploymentId });
  const begunMs = options.clock();
  let progress: Progress | undefined;
  let from: number | undefined;
  let end: RunEnd;
  try {
    const position = await options.store.readPosition(deploymentId);
    from = position.mirroredSequence;
    progress = new Progress(position, { ...options, logger });
    end = await mirror(deploymentId, progress, { ...options, logger });
  } catch (cause) {
    end = { kind: "failed", code: faultCodeOf(cause), cause };
  }
  const fields = {
    from,
    to: progress?.mirroredSequence,
    published: progress?.published ?? 0,
    tombstones: progress?.tombstones ?? 0,
    lag_ms: progress?.lagMs,
    duration_ms: options.clock() - begunMs,
    end: end.kind,
  };
  if (end.kind === "failed") logger.error({ ...fields, code: end.code, err: end.cause }, "mirror run");
  else logger.info(fields, "mirror run");
  return end;
}

async function mirror(deploymentId: DeploymentId, progress: Progress, options: MirrorRunOptions): Promise<RunEnd> {
  const { store, poke, logger, limits } = options;
  // Head read by this run; its sequence is 0 if not read.
  let head: MirrorHead = { headSequence: 0, isPurged: false };
  while (progress.messagesLeft > 0) {
    const afterSequence = progress.mirroredSequence;
    const eventsMax = Math.min(limits.chunkMessagesMax, progress.messagesLeft);
    // The number of events bounds the page. A store would read events before it drops them for a limit of bytes.
    const bytesMax = Number.MAX_SAFE_INTEGER;
    const page = await store.readEvents({ deploymentId, afterSequence, eventsMax, bytesMax });
    const { places, outOfPlace } = nextPlaces({ ...head, afterSequence, page, placesMax: eventsMax });
    for (const document of outOfPlace) logDocument(logger, "EVENT_OUT_OF_PLACE", document);
    // A purge may have begun after the head was read. It marks the head before it takes events away.
    const isMissing = places.some(({ kind }) => kind === "missing");
    if (isMissing && !head.isPurged) head = await store.readHead(deploymentId);
    const context = { deploymentId, isPurged: head.isPurged, replayed: false };
    await progress.publish(places.map((place) => mirrorMessage(place, context)));

    // An empty or short query may miss events up to the head, so read the head and query again.
    const { mirroredSequence } = progress;
    const isFull = places.length > 0 && page.length === eventsMax;
    if (isFull || mirroredSequence < head.headSequence) continue;
    head = await store.readHead(deploymentId);
    const { headSequence } = head;
    if (mirroredSequence < headSequence) continue;
    logAboveHead(logger, { mirroredSequence, headSequence, page });
    return { kind: "complete" };
  }
  await poke({ kind: "poke", deploymentId });
  return { kind: "poked_again" };
}

interface AboveHead {
  readonly mirroredSequence: number;
  /** Read after position and page, so both are below it unless something is wrong. */
  readonly headSequence: number;
  readonly page: readonly MirrorEvent[];
}

function logAboveHead(logger: Logger, { mirroredSequence, headSequence, page }: AboveHead): void {
  const documentAbove = page.find((document) => sequenceOf(document) > headSequence);
  if (mirroredSequence > headSequence) logPositionAboveHead(logger, { mirroredSequence, headSequence });
  else if (documentAbove !== undefined) logDocument(logger, "EVENT_ABOVE_HEAD", documentAbove);
  else if (headSequence === 0) logFault(logger, { code: "DEPLOYMENT_UNKNOWN" }, "the deployment has no head");
}
