import {
  type Deployment,
  type DeploymentId,
  isPurged,
  type MirrorEvent,
  type MirrorPosition,
  type MirrorStore,
  type PendingDeployment,
  type StoredEvent,
} from "@activity-events/event-store";
import { plainFacts } from "@activity-events/event-store/contract/builders";
import { foldEvent } from "../../../event-store/src/domain/deployment.ts";
import { sequenceOf } from "../src/next-places.ts";
import { readable, storedEvent } from "./builders.ts";

/** A store in memory for the mirror's logic, and what else its tests do with it. */
export interface MemoryMirrorStore extends MirrorStore {
  /** Appends the next event; `missing` and `unreadable` say what becomes of its document. */
  /** Takes the documents from a sequence on away, as a purge does, after it has marked the head. */
  purge(id: DeploymentId, fromSequence: number): void;
  append(id: DeploymentId, document?: "readable" | "unreadable" | "missing"): StoredEvent;
  readonly pending: Map<DeploymentId, PendingDeployment>;
  readonly positions: Map<DeploymentId, MirrorPosition>;
  /** Moves of a position that were no advance. */
  readonly lowered: readonly string[];
}

interface MemoryOptions {
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

export function openMemoryMirrorStore({ clock }: MemoryOptions): MemoryMirrorStore {
  const heads = new Map<DeploymentId, Deployment>();
  const documents = new Map<DeploymentId, MirrorEvent[]>();
  const positions = new Map<DeploymentId, MirrorPosition>();
  const pending = new Map<DeploymentId, PendingDeployment>();
  const lowered: string[] = [];
  let cursor: DeploymentId | undefined;
  let versions = 0;
  const nowUs = () => clock() * 1_000;
  const positionOf = (id: DeploymentId): MirrorPosition =>
    positions.get(id) ?? { deploymentId: id, mirroredSequence: 0, movedTimeUs: undefined, version: undefined };

  return {
    positions,
    pending,
    lowered,
    append: (id, document = "readable") => {
      const before = heads.get(id);
      const head = headAfter(before, id, nowUs());
      const stored = { ...storedEvent(head.headSequence), receiveTimeUs: nowUs() };
      versions += 1;
      heads.set(id, head);
      pending.set(id, {
        deploymentId: id,
        headSequence: head.headSequence,
        createTimeUs: head.createTimeUs,
        writtenTimeUs: nowUs(),
        version: versions,
      });
      const { eventId, sequence } = stored;
      const documentsOfId = documents.get(id) ?? [];
      if (document === "readable") documentsOfId.push(readable(stored));
      if (document === "unreadable") documentsOfId.push({ kind: "unreadable", eventId, sequence });
      documents.set(id, documentsOfId);
      return stored;
    },
    purge: (id, fromSequence) => {
      heads.set(id, { ...(heads.get(id) as Deployment), standing: "purging" });
      documents.set(
        id,
        (documents.get(id) ?? []).filter((document) => sequenceOf(document) < fromSequence),
      );
    },
    readPosition: async (id) => positionOf(id),
    advance: async (from, mirroredSequence) => {
      const now = positionOf(from.deploymentId);
      if (now.version !== from.version) return undefined;
      if (mirroredSequence <= now.mirroredSequence) lowered.push(`${now.mirroredSequence} to ${mirroredSequence}`);
      versions += 1;
      const moved = { deploymentId: from.deploymentId, mirroredSequence, movedTimeUs: nowUs(), version: versions };
      positions.set(from.deploymentId, moved);
      return moved;
    },
    readEvents: async ({ deploymentId: id, afterSequence, eventsMax }) =>
      (documents.get(id) ?? []).filter((document) => sequenceOf(document) > afterSequence).slice(0, eventsMax),
    readHead: async (id) => {
      const head = heads.get(id);
      return { headSequence: head?.headSequence ?? 0, isPurged: head !== undefined && isPurged(head) };
    },
    readPending: async ({ after, deploymentsMax }) =>
      [...pending.values()]
        .filter(({ deploymentId: id }) => after === undefined || id > after)
        .sort((a, b) => (a.deploymentId < b.deploymentId ? -1 : 1))
        .slice(0, deploymentsMax),
    clearPending: async ({ deploymentId: id, version }) => pending.get(id)?.version === version && pending.delete(id),
    readSweepCursor: async () => cursor,
    writeSweepCursor: async (next) => {
      cursor = next;
    },
    close: async () => {},
  };
}

function headAfter(before: Deployment | undefined, id: DeploymentId, nowUs: number): Deployment {
  return foldEvent(before, id, plainFacts, nowUs);
}
