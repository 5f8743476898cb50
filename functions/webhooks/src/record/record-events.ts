import { type ActivityEventsClient, ActivityEventsError } from "@activity-events/client";
import type { MappedEvent } from "@activity-events/mappings";
import { limits } from "../limits.ts";
import { atOnce } from "./at-once.ts";
import { callOptions } from "./call-options.ts";

/** What became of an event. */
export type Recorded =
  | { readonly kind: "stored"; readonly event: MappedEvent; readonly sequence: bigint; readonly duplicate: boolean }
  /** Refused for good. */
  | { readonly kind: "refused"; readonly event: MappedEvent; readonly error: ActivityEventsError };

/** Time and place of an attempt to record. */
export interface RecordOptions {
  readonly client: Pick<ActivityEventsClient, "createEvent" | "batchCreateEvents">;
  /** End of the attempt, in ms of the monotonic clock. */
  readonly endMs: number;
}

/** Codes of refusals that another attempt meets again. */
const finalCodes = new Set(["INVALID_ARGUMENT", "ALREADY_EXISTS", "FAILED_PRECONDITION", "OUT_OF_RANGE", "NOT_FOUND"]);

/**
 * Records events, those of one deployment in their order and in one call. Returns what became of each. Throws an ActivityEventsError
 * if the service does not answer in time; then some events may be stored, and the same events again are duplicates.
 */
export async function recordEvents(events: readonly MappedEvent[], options: RecordOptions): Promise<Recorded[]> {
  const groups = [...Map.groupBy(events, ({ deploymentId }) => deploymentId).values()];
  const recorded = await atOnce(groups, limits.callsAtOnceMax, async (group) => {
    const ofGroup: Recorded[] = [];
    for (let at = 0; at < group.length; at += limits.batchEventsMax) {
      ofGroup.push(...(await recordBatch(group.slice(at, at + limits.batchEventsMax), options)));
    }
    return ofGroup;
  });
  return recorded.flat();
}

async function recordBatch(events: readonly MappedEvent[], options: RecordOptions): Promise<Recorded[]> {
  const [first] = events;
  if (first === undefined) return [];
  if (events.length === 1) return [await recordOne(first, options)];
  try {
    const { deploymentId } = first;
    const results = await options.client.batchCreateEvents(
      { deploymentId, events: [...events] },
      callOptions(options.endMs),
    );
    return results.flatMap(({ event: stored, duplicate }, index) => {
      const event = events[index];
      return event === undefined ? [] : [{ kind: "stored", event, sequence: stored?.sequence ?? 0n, duplicate }];
    });
  } catch (error) {
    if (!isFinal(error)) throw error;
    // A batch is all or none; one by one, a refused event leaves the others as they are.
    const recorded: Recorded[] = [];
    for (const event of events) recorded.push(await recordOne(event, options));
    return recorded;
  }
}

async function recordOne(event: MappedEvent, options: RecordOptions): Promise<Recorded> {
  try {
    const { event: stored, duplicate } = await options.client.createEvent({ event }, callOptions(options.endMs));
    return { kind: "stored", event, sequence: stored?.sequence ?? 0n, duplicate };
  } catch (error) {
    if (!isFinal(error)) throw error;
    return { kind: "refused", event, error };
  }
}

function isFinal(error: unknown): error is ActivityEventsError {
  return error instanceof ActivityEventsError && (finalCodes.has(error.code) || error.reason === "STORE_REFUSED");
}
