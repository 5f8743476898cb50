import { type EventStore, everyEvent, limits, matchesFilter, type StoredEvent } from "@activity-events/event-store";

/** A store that counts what it is asked, and tells when its listeners are let go. */
export interface CountedStore {
  readonly store: EventStore;
  readonly counts: { listeners: number; closed: number; headReads: number; eventReads: number };
  /** Resolves when so many listeners have been closed. */
  closed(listeners: number): Promise<void>;
}

export function countUses(store: EventStore): CountedStore {
  const counts = { listeners: 0, closed: 0, headReads: 0, eventReads: 0 };
  const waiting = new Set<() => void>();
  return {
    counts,
    closed: async (listeners) => {
      while (counts.closed < listeners) await new Promise<void>((resolve) => waiting.add(resolve));
    },
    store: {
      ...store,
      readDeployment: (deploymentId) => {
        counts.headReads += 1;
        return store.readDeployment(deploymentId);
      },
      readEvents: (request) => {
        counts.eventReads += 1;
        return store.readEvents(request);
      },
      listen: (deploymentId, onNotice) => {
        counts.listeners += 1;
        const listener = store.listen(deploymentId, onNotice);
        return {
          ready: listener.ready,
          close: () => {
            listener.close();
            counts.closed += 1;
            for (const wake of waiting) wake();
            waiting.clear();
          },
        };
      },
    },
  };
}

/** A store whose listeners hear nothing more once `silence` is called; those that come later hear all again. */
export function silenceable(store: EventStore): { readonly store: EventStore; silence(): void } {
  let generation = 0;
  return {
    silence: () => {
      generation += 1;
    },
    store: {
      ...store,
      listen: (deploymentId, onNotice) => {
        const born = generation;
        return store.listen(deploymentId, (notice) => {
          if (born === generation) onNotice(notice);
        });
      },
    },
  };
}

/** A store that has lost these sequences of every deployment, though its heads still count them. */
export function withoutSequences(store: EventStore, lost: readonly number[]): EventStore {
  return {
    ...store,
    readEvents: async (request) => {
      const whole = await store.readEvents({
        ...request,
        filter: everyEvent,
        eventsMax: limits.pageScanMax,
        bytesMax: Number.MAX_SAFE_INTEGER,
      });
      const events: StoredEvent[] = [];
      let looked = 0;
      let { cursor } = request;
      for (const event of whole.events.filter(({ sequence }) => !lost.includes(sequence))) {
        if (matchesFilter(request.filter, event)) {
          if (events.length === request.eventsMax) return { events, cursor, looked, more: true };
          events.push(event);
        }
        looked += 1;
        cursor = event.sequence;
      }
      return { events, cursor, looked, more: false };
    },
  };
}
