import type { EventStore, StoredEvent } from "@activity-events/event-store";

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
  const isThere = ({ sequence }: StoredEvent) => !lost.includes(sequence);
  return {
    ...store,
    readEvents: async (request) => {
      const page = await store.readEvents(request);
      const events = page.events.filter(isThere);
      const looked = page.looked - (page.events.length - events.length);
      if (page.more || page.events.length === events.length) return { ...page, events, looked };
      // Behind the last that is left, there is nothing to be looked at.
      return { ...page, events, looked, cursor: events.at(-1)?.sequence ?? request.cursor };
    },
  };
}
