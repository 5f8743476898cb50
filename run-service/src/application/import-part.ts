import {
  type ContentCodec,
  type Deployment,
  type EventStore,
  type ExportedHead,
  everyEvent,
  type Imported,
  type ImportedEvent,
  planImport,
  type StoredEvent,
} from "@activity-events/event-store";
import { limits } from "../limits.ts";

/** Imports one part of a deployment, or tells what its import would do. */
export type ImportPart = (head: ExportedHead, events: readonly ImportedEvent[]) => Promise<Imported>;

/** Imports into the store. */
export function importInto(store: EventStore): ImportPart {
  return (head, events) => store.importEvents({ head, events }, { deadlineMs: Date.now() + limits.appendTimeMs });
}

/** Plans the parts of one deployment, in order, without storing anything. */
export function planInto(store: EventStore, codec: ContentCodec): ImportPart {
  /** Head after the parts before; undefined before the first part, null if there was none. */
  let planned: Deployment | null | undefined;
  return async (exported, events) => {
    planned ??= (await store.readDeployment(exported.deploymentId)) ?? null;
    const head = planned ?? undefined;
    const here = await eventsHere(store, exported, events);
    const plan = planImport(
      { head: exported, events },
      { head, at: (sequence) => here.get(sequence), factsOf: ({ stamp }) => codec.readStamp(stamp) },
    );
    if (plan.kind === "foreign") return plan;
    planned = plan.head ?? planned;
    return { kind: "imported", events: plan.writes.length };
  };
}

/** Reads the stored events of the part's sequences. */
async function eventsHere(
  store: EventStore,
  { deploymentId }: ExportedHead,
  events: readonly ImportedEvent[],
): Promise<ReadonlyMap<number, StoredEvent>> {
  const here = new Map<number, StoredEvent>();
  const last = events.at(-1)?.stored.sequence ?? 0;
  let cursor = (events[0]?.stored.sequence ?? 1) - 1;
  while (cursor < last) {
    const page = await store.readEvents({
      deploymentId,
      order: "ascending",
      cursor,
      filter: everyEvent,
      eventsMax: last - cursor,
      bytesMax: limits.importPartBytes,
      hidden: true,
    });
    for (const stored of page.events) here.set(stored.sequence, stored);
    if (!page.more || page.cursor === undefined) break;
    ({ cursor } = page);
  }
  return here;
}
