import { matchesDeployment } from "../domain/deployment-filter.ts";
import { type StoredEvent, wireBytesMax } from "../domain/event.ts";
import { matchesFilter } from "../domain/event-filter.ts";
import type {
  Arrival,
  ArrivalPage,
  DeploymentPage,
  EventPage,
  ReadArrivals,
  ReadDeployments,
  ReadEvents,
  ReadOptions,
} from "../event-store.ts";
import { limits } from "../limits.ts";
import type { MemoryArrival, MemoryDeployment, MemoryState } from "./state.ts";

/** Returns a deployment whose events may be read. */
export function shown(
  deployment: MemoryDeployment | undefined,
  { hidden = false }: ReadOptions,
): MemoryDeployment | undefined {
  const standing = deployment?.head.standing;
  return standing === "kept" || (standing === "deleted" && hidden) ? deployment : undefined;
}

export function readEvents(state: MemoryState, request: ReadEvents): EventPage {
  const { deploymentId, order, cursor, filter, eventsMax, bytesMax } = request;
  const all = shown(state.get(deploymentId), request)?.events ?? [];
  const inOrder = order === "ascending" ? all : all.toReversed();
  const rest = inOrder.filter(({ sequence }) => isAfter(sequence, cursor, order)).slice(0, limits.pageScanMax);

  const events: StoredEvent[] = [];
  let bytes = 0;
  let looked = 0;
  let last = cursor;
  for (const event of rest) {
    if (matchesFilter(filter, event)) {
      bytes += wireBytesMax(deploymentId, event);
      if (events.length === eventsMax || (events.length > 0 && bytes > bytesMax)) break;
      events.push(event);
    }
    last = event.sequence;
    looked += 1;
  }
  return {
    events,
    cursor: last,
    looked,
    more: last !== undefined && last !== inOrder.at(-1)?.sequence && rest.length > 0,
  };
}

function isAfter(sequence: number, cursor: number | undefined, order: ReadEvents["order"]): boolean {
  if (cursor === undefined) return true;
  return order === "ascending" ? sequence > cursor : sequence < cursor;
}

export function readDeployments(state: MemoryState, request: ReadDeployments): DeploymentPage {
  const { cursor, filter, deploymentsMax, hidden = false } = request;
  const rest = [...state.values()]
    .map(({ head }) => head)
    .filter((head) => (hidden || head.standing === "kept") && matchesDeployment(filter, head))
    .sort((a, b) => b.createTimeUs - a.createTimeUs || (a.deploymentId > b.deploymentId ? -1 : 1))
    .filter(
      (head) =>
        cursor === undefined ||
        head.createTimeUs < cursor.createTimeUs ||
        (head.createTimeUs === cursor.createTimeUs && head.deploymentId < cursor.deploymentId),
    );
  const deployments = rest.slice(0, deploymentsMax);
  const last = deployments.at(-1);
  const more = last !== undefined && rest.length > deployments.length;
  return { deployments, next: more ? { createTimeUs: last.createTimeUs, deploymentId: last.deploymentId } : undefined };
}

export function readArrivals(
  state: MemoryState,
  all: readonly MemoryArrival[],
  { cursor = { after: 0, last: all.length, listed: 0 }, eventsMax, bytesMax }: ReadArrivals,
): ArrivalPage {
  const { last } = cursor;
  const arrivals: Arrival[] = [];
  let bytes = 0;
  let { after } = cursor;
  for (const arrival of all.slice(cursor.after, last)) {
    const event = arrival && shown(state.get(arrival.deploymentId), {})?.byId.get(arrival.eventId);
    if (arrival !== undefined && event !== undefined) {
      bytes += wireBytesMax(arrival.deploymentId, event);
      if (arrivals.length === eventsMax || (arrivals.length > 0 && bytes > bytesMax)) break;
      arrivals.push({ deploymentId: arrival.deploymentId, event });
    }
    after += 1;
  }
  return { arrivals, damaged: [], next: after < last ? { after, last, listed: after } : undefined };
}
