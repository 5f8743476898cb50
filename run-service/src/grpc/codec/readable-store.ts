import {
  type Arrival,
  type DamagedPlace,
  type DeploymentId,
  damageAt,
  type EventPage,
  type EventStore,
  type ReadEvents,
  type StoredEvent,
} from "@activity-events/event-store";
import { EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { isReadable } from "./check-encoding.ts";
import { rulesOf } from "./encoding-rules.ts";

const eventRules = rulesOf(EventSchema);

/**
 * Wraps a store so that an event that no reader could decode counts as damaged. Events are sent as stored, so it would
 * spoil the whole answer. A page ends before it; a page that would start with it is refused.
 */
export function readableStore(store: EventStore): EventStore {
  return {
    ...store,
    readEvent: async (deploymentId, eventId, options) => {
      const stored = await store.readEvent(deploymentId, eventId, options);
      if (stored !== undefined) assertReadable(deploymentId, stored);
      return stored;
    },
    readEvents: async (request) => readablePage(request, await store.readEvents(request)),
    readArrivals: async (request) => {
      const { arrivals, damaged, next } = await store.readArrivals(request);
      const [whole, broken] = [arrivals.filter(isReadableArrival), arrivals.filter((it) => !isReadableArrival(it))];
      return { arrivals: whole, damaged: [...damaged, ...broken.map(placeOf)], next };
    },
    // Followers get events that are not reported here from the store, with those before them.
    listen: (deploymentId, onNotice) =>
      store.listen(deploymentId, (notice) =>
        onNotice({ ...notice, events: notice.events.every(isReadableEvent) ? notice.events : [] }),
      ),
  };
}

/** Throws the fault of a stored event that readers could not decode. */
export function assertReadable(deploymentId: DeploymentId, stored: StoredEvent): void {
  if (isReadableEvent(stored)) return;
  const { sequence } = stored;
  throw damageAt(
    { deploymentId, sequence },
    `what is stored of deployment ${deploymentId} at sequence ${sequence} is no encoded event`,
  );
}

function isReadableEvent({ content, stamp }: StoredEvent): boolean {
  return isReadable(eventRules, content) && (stamp.length === 0 || isReadable(eventRules, stamp));
}

function isReadableArrival({ event }: Arrival): boolean {
  return isReadableEvent(event);
}

function placeOf({ deploymentId, event: { sequence } }: Arrival): DamagedPlace {
  return { deploymentId, sequence };
}

function readablePage({ deploymentId, order }: ReadEvents, page: EventPage): EventPage {
  const at = page.events.findIndex((stored) => !isReadableEvent(stored));
  const damaged = page.events[at];
  if (damaged === undefined) return page;
  if (at === 0) assertReadable(deploymentId, damaged);
  const cursor = damaged.sequence - (order === "ascending" ? 1 : -1);
  const looked = page.looked - Math.abs((page.cursor ?? cursor) - cursor);
  return { events: page.events.slice(0, at), cursor, looked, more: true };
}
