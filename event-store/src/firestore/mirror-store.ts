import {
  type DocumentReference,
  type DocumentSnapshot,
  type Firestore,
  type QueryDocumentSnapshot,
  Timestamp,
} from "@google-cloud/firestore";
import { wireBytesMax } from "../domain/event.ts";
import type { DeploymentId, EventId } from "../domain/identifiers.ts";
import type { FirestoreSettings } from "../firestore-settings.ts";
import type { MirrorEvent, MirrorPosition, MirrorStore, PendingDeployment, ReadMirrorEvents } from "../mirror-store.ts";
import { connect } from "./connect.ts";
import { eventDocumentOf, headSequenceOf, mirroredSequenceOf } from "./documents.ts";
import { endClient } from "./end-client.ts";
import { codeOf } from "./faults.ts";
import { eventsQuery, pendingQuery } from "./queries.ts";
import { wrapped } from "./reader.ts";
import { microsecondsOf } from "./timestamps.ts";

// Statuses of a lost compare and set: ALREADY_EXISTS, FAILED_PRECONDITION, NOT_FOUND, ABORTED.
const lost: ReadonlySet<number | undefined> = new Set([6, 9, 5, 10]);

/** Opens the mirror's view of the store: reads heads and events; writes `mirrors/{d}`, `sweeps/cursor` and the flag. */
export function openFirestoreMirrorStore(settings: FirestoreSettings): MirrorStore {
  const firestore = connect(settings);
  const position = (deploymentId: DeploymentId) => firestore.collection("mirrors").doc(deploymentId);
  const sweepCursor = firestore.collection("sweeps").doc("cursor");
  return {
    readPosition: async (deploymentId) => positionOf(deploymentId, await wrapped(position(deploymentId).get())),
    advance: (from, mirroredSequence) => advance(position(from.deploymentId), from, mirroredSequence),
    readEvents: (request) => readEvents(firestore, request),
    readHead: async (deploymentId) => {
      const snapshot = await wrapped(firestore.collection("deployments").doc(deploymentId).get());
      // Another value than the known ones is a newer version's.
      const standing: unknown = snapshot.get("standing");
      return { headSequence: headSequenceOf(snapshot), isPurged: standing === "purging" || standing === "purged" };
    },
    readPending: async ({ after, deploymentsMax }) => {
      const { docs } = await wrapped(pendingQuery(firestore, after).limit(deploymentsMax).get());
      return docs.map(pendingOf);
    },
    clearPending: (pending) => clearPending(firestore, pending),
    readSweepCursor: async () => (await wrapped(sweepCursor.get())).get("deployment_id") ?? undefined,
    writeSweepCursor: async (cursor) => {
      await wrapped(sweepCursor.set({ deployment_id: cursor ?? null }));
    },
    close: () => endClient(firestore),
  };
}

function positionOf(deploymentId: DeploymentId, snapshot: DocumentSnapshot): MirrorPosition {
  const { updateTime } = snapshot;
  return {
    deploymentId,
    mirroredSequence: mirroredSequenceOf(snapshot),
    movedTimeUs: updateTime === undefined ? undefined : microsecondsOf(updateTime),
    version: updateTime,
  };
}

async function advance(
  reference: DocumentReference,
  { deploymentId, version }: MirrorPosition,
  mirroredSequence: number,
): Promise<MirrorPosition | undefined> {
  const fields = { mirrored_sequence: mirroredSequence };
  const written = await unlessLost(() =>
    version === undefined
      ? reference.create(fields)
      : reference.update(fields, { lastUpdateTime: version as Timestamp }),
  );
  if (written === undefined) return undefined;
  const { writeTime } = written;
  return { deploymentId, mirroredSequence, movedTimeUs: microsecondsOf(writeTime), version: writeTime };
}

async function readEvents(firestore: Firestore, request: ReadMirrorEvents): Promise<readonly MirrorEvent[]> {
  const { deploymentId, afterSequence, eventsMax, bytesMax } = request;
  const query = eventsQuery(firestore, { deploymentId, order: "ascending", cursor: afterSequence });
  const { docs } = await wrapped(query.limit(eventsMax).get());
  const events: MirrorEvent[] = [];
  let bytes = 0;
  for (const snapshot of docs) {
    const read = mirrorEventOf(snapshot);
    bytes += read.kind === "event" ? wireBytesMax(deploymentId, read.event) : 0;
    if (events.length > 0 && bytes > bytesMax) break;
    events.push(read);
  }
  return events;
}

// A document changed by hand may lack fields or hold other content, but its position is known.
function mirrorEventOf(snapshot: QueryDocumentSnapshot): MirrorEvent {
  try {
    const { stored, historyHash, imported } = eventDocumentOf(snapshot);
    return { kind: "event", event: stored, historyHash, imported };
  } catch {
    // The kind reports it; the mirror logs it.
    return { kind: "unreadable", eventId: snapshot.id as EventId, sequence: snapshot.get("sequence") };
  }
}

function pendingOf(snapshot: QueryDocumentSnapshot): PendingDeployment {
  return {
    deploymentId: snapshot.id as DeploymentId,
    headSequence: snapshot.get("head_sequence"),
    // The document's own time if the field is damaged: one head must not stop the sweep.
    createTimeUs: microsecondsOf(
      snapshot.get("create_time") instanceof Timestamp ? snapshot.get("create_time") : snapshot.createTime,
    ),
    writtenTimeUs: microsecondsOf(snapshot.updateTime),
    version: snapshot.updateTime,
  };
}

async function clearPending(firestore: Firestore, { deploymentId, version }: PendingDeployment): Promise<boolean> {
  const head = firestore.collection("deployments").doc(deploymentId);
  const written = await unlessLost(() =>
    head.update({ mirror_pending: false }, { lastUpdateTime: version as Timestamp }),
  );
  return written !== undefined;
}

/** Waits for a compare and set; undefined if it was lost. */
async function unlessLost<Answer>(write: () => Promise<Answer>): Promise<Answer | undefined> {
  return wrapped(
    write().catch((error: unknown) => {
      if (lost.has(codeOf(error))) return undefined;
      throw error;
    }),
  );
}
