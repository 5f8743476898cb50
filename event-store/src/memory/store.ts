import { randomBytes } from "node:crypto";
import type { ContentCodec } from "../content-codec.ts";
import type { EditOptions, EventStore } from "../event-store.ts";
import { Listeners } from "../listeners.ts";
import { keyBytes } from "../page-token-key.ts";
import { deadlinePassed } from "../waiting-append.ts";
import { append } from "./appender.ts";
import { MemoryEditor } from "./editor.ts";
import { readArrivals, readDeployments, readEvents, shown } from "./reader.ts";
import type { MemoryArrival, MemoryState } from "./state.ts";

/** A store in memory only: for trials, and as the reference for the others. */
export function openMemoryStore({ codec }: { readonly codec: ContentCodec }): EventStore {
  const state: MemoryState = new Map();
  // All events again, in order of arrival.
  const arrivals: MemoryArrival[] = [];
  const listeners = new Listeners();
  const key = randomBytes(keyBytes);
  const editor = new MemoryEditor(state, arrivals, codec);
  const { differingFields } = codec;
  const { findKey } = editor;
  return {
    traits: {
      name: "memory",
      details: {},
      durable: false,
      arrivalOrder: true,
      shared: false,
      exposed: [],
      acceptedLoss: undefined,
    },
    died: new Promise(() => {}),
    append: async (request, { deadlineMs, signal, series }) => {
      const { deploymentId } = request;
      if (signal?.aborted || Date.now() >= deadlineMs) {
        const fault = deadlinePassed();
        series?.break(deploymentId, fault);
        throw fault;
      }
      const fault = series?.faultIn(deploymentId);
      if (fault !== undefined) throw fault;
      const plan = append(state, request, { differingFields, findKey });
      const stored = plan.writes.map((write) => write.stored);
      for (const { eventId } of stored) arrivals.push({ deploymentId, eventId });
      listeners.tell(deploymentId, stored);
      return plan.results;
    },
    readEvent: async (deploymentId, eventId, options = {}) =>
      shown(state.get(deploymentId), options)?.byId.get(eventId),
    readEvents: async (request) => readEvents(state, request),
    readDeployment: async (deploymentId) => state.get(deploymentId)?.head,
    readDeployments: async (request) => readDeployments(state, request),
    readArrivals: async (request) => readArrivals(state, arrivals, request),
    listen: (deploymentId, onNotice) => listeners.add(deploymentId, onNotice),
    watch: (options) => listeners.watch(options),
    redactEvent: async (redaction, options) => {
      checkInTime(options);
      const plan = editor.redact(redaction);
      if (plan.kind === "changed") return plan;
      const notice = plan.notice.stored;
      listeners.tellEdited(plan.head, [notice]);
      return { kind: "redacted", event: plan.event, notice };
    },
    hideDeployment: async (deploymentId, isHidden, options) => {
      checkInTime(options);
      const edited = editor.hide(deploymentId, isHidden);
      if (edited?.isNew) listeners.tellEdited(edited.head);
      return edited?.head;
    },
    beginPurge: async (purge, options) => {
      checkInTime(options);
      const edited = editor.beginPurge(purge);
      if (edited?.isNew) listeners.tellEdited(edited.head);
      return edited?.head;
    },
    purgeSome: async (deploymentId, options) => {
      checkInTime(options);
      return editor.purgeSome(deploymentId);
    },
    importEvents: async (part, options) => {
      checkInTime(options);
      const plan = editor.import(part);
      if (plan.kind === "foreign") return plan;
      const stored = plan.writes.map((write) => write.stored);
      if (plan.head !== undefined) listeners.tellEdited(plan.head, stored);
      return { kind: "imported", events: stored.length };
    },
    redactionKeys: async () => editor.keys,
    addRedactionKeys: async (keys) => editor.addKeys(keys),
    finishEmptying: async () => {},
    unmirroredEvents: async () => 0,
    pageTokenKey: async () => key,
    probe: async () => {},
    close: async () => {},
  };
}

function checkInTime({ deadlineMs }: EditOptions): void {
  if (Date.now() >= deadlineMs) throw deadlinePassed();
}
