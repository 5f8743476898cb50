import { randomBytes } from "node:crypto";
import type { ContentCodec } from "../content-codec.ts";
import type { Arrival, EventStore } from "../event-store.ts";
import { Listeners } from "../listeners.ts";
import { keyBytes } from "../page-token-key.ts";
import { StoreFaultError } from "../store-error.ts";
import { append } from "./appender.ts";
import { readArrivals, readDeployments, readEvents } from "./reader.ts";
import type { MemoryState } from "./state.ts";

/** A store in memory only: for trials, and as the reference for the others. */
export function openMemoryStore({ codec }: { readonly codec: ContentCodec }): EventStore {
  const state: MemoryState = new Map();
  // All events again, in order of arrival.
  const arrivals: Arrival[] = [];
  const listeners = new Listeners();
  const key = randomBytes(keyBytes);
  return {
    traits: {
      name: "memory",
      details: {},
      durable: false,
      arrivalOrder: true,
      exposed: [],
      acceptedLoss: undefined,
    },
    died: new Promise(() => {}),
    append: async (request, { deadlineMs, signal, series }) => {
      const { deploymentId } = request;
      if (signal?.aborted || Date.now() >= deadlineMs) {
        const message = "the deadline passed before the store acknowledged the append";
        const fault = new StoreFaultError("DEADLINE_PASSED", message);
        series?.break(deploymentId, fault);
        throw fault;
      }
      const fault = series?.faultIn(deploymentId);
      if (fault !== undefined) throw fault;
      const plan = append(state, request, codec.differingFields);
      const stored = plan.writes.map((write) => write.stored);
      for (const event of stored) arrivals.push({ deploymentId, event });
      listeners.tell(deploymentId, stored);
      return plan.results;
    },
    readEvent: async (deploymentId, eventId) => state.get(deploymentId)?.byId.get(eventId),
    readEvents: async (request) => readEvents(state, request),
    readDeployment: async (deploymentId) => state.get(deploymentId)?.head,
    readDeployments: async (request) => readDeployments(state, request),
    readArrivals: async (request) => readArrivals(arrivals, request),
    listen: (deploymentId, onNotice) => listeners.add(deploymentId, onNotice),
    watch: (options) => listeners.watch(options),
    pageTokenKey: async () => key,
    probe: async () => {},
    close: async () => {},
  };
}
