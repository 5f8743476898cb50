import type { DatabaseSync } from "node:sqlite";
import type { Deployment } from "../../domain/deployment.ts";
import { damageAt } from "../../store-error.ts";
import { eventAt } from "../reading/queries.ts";
import { type EventPlace, eventPlaces } from "../rows/event-places.ts";
import { storedEventColumns } from "../rows/event-rows.ts";
import type { KeptDeployment } from "../rows/head-rows.ts";
import { lastNumberOf } from "../rows/last-number.ts";
import { preparedStatement } from "../rows/prepared-statement.ts";

// Selects an event's row and, after its columns, the number to which the index of event ids leads from its id.
const selectEvent = `SELECT ${storedEventColumns},
    (SELECT number FROM events AS indexed INDEXED BY sqlite_autoindex_events_1
     WHERE indexed.event_id = events.event_id AND indexed.deployment = events.deployment)
  FROM events WHERE number = ? AND deployment = ?`;

/** An event that its deployment counts, by sequence and number. */
export interface ScrubbedEvent {
  readonly sequence: number;
  readonly number: number;
  /** True if there is a row with this number, whatever its content. */
  readonly isThere: boolean;
  /** Fault, if any. */
  readonly fault: unknown;
}

/**
 * Checks the events of a deployment after a sequence, in order: each row is as stored, found by its id, and not after
 * the end of the order of arrival. Throws STORE_DAMAGED if the runs of the deployment contradict themselves.
 */
export function* scrubEvents(
  database: DatabaseSync,
  deployment: KeptDeployment,
  after: number,
): Generator<ScrubbedEvent> {
  const last = lastNumberOf(database);
  for (const event of eventPlaces(database, deployment, { order: "ascending", cursor: after })) {
    yield { ...event, ...scrubbed(database, deployment.head, event, last) };
  }
}

function scrubbed(
  database: DatabaseSync,
  { deploymentId }: Deployment,
  { deployment, sequence, number }: EventPlace,
  last: number,
): Pick<ScrubbedEvent, "isThere" | "fault"> {
  const place = { deploymentId, sequence };
  const name = `event ${sequence} of ${deploymentId}`;
  let row: readonly unknown[] | undefined;
  try {
    const event = eventAt(place, () => {
      row = preparedStatement(database, selectEvent).get(number, deployment) as unknown as typeof row;
      return row;
    });
    if (event === undefined) return { isThere: false, fault: damageAt(place, `${name} is not there`) };
    if (row?.at(-1) !== number) {
      const message = `the index of event ids does not lead to ${name}, ${event.eventId}`;
      return { isThere: true, fault: damageAt(place, message) };
    }
    const isListed = number <= last;
    return { isThere: true, fault: isListed ? undefined : damageAt(place, `${name} is behind the end of all events`) };
  } catch (fault) {
    return { isThere: row !== undefined, fault };
  }
}
