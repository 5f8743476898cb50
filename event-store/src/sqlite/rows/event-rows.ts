import { labelsFromJson, type StoredEvent } from "../../domain/event.ts";
import type { DeploymentId, EventId } from "../../domain/identifiers.ts";
import { damageAt } from "../../store-error.ts";
import { placeholders } from "./prepared-statement.ts";
import { isWholeRow, rowChecksum } from "./row-checksum.ts";
import { saltColumn, saltOf } from "./salt-column.ts";

/** Columns of an event, in the order of StoredEventRow; the last is the checksum of the others. */
export const storedEventColumns = `number, deployment, event_id, sequence, receive_time_us, type, severity, labels, content, stamp,
  salt, checksum`;

/** Number of columns in the checksum. */
const eventValuesCount = 11;

/** Inserts an event. */
export const insertEvent = `INSERT INTO events (${storedEventColumns}) VALUES (${placeholders(eventValuesCount + 1)})`;

type StoredEventRow = readonly [
  number,
  number,
  string,
  number,
  number,
  string,
  number,
  string | null,
  Uint8Array,
  Uint8Array,
  Uint8Array,
  number,
];

const noLabels: StoredEvent["labels"] = {};

/** Returns the values of `storedEventColumns` for an event with this number and its deployment's. */
export function eventValues(number: number, deployment: number, event: StoredEvent) {
  const values: (string | number | null | Uint8Array)[] = [
    number,
    deployment,
    event.eventId,
    event.sequence,
    event.receiveTimeUs,
    event.type,
    event.severity,
    labelsColumn(event.labels),
    event.content,
    event.stamp,
    saltColumn(event),
    0,
  ];
  values[eventValuesCount] = rowChecksum("events", values, 0, eventValuesCount);
  return values;
}

/**
 * Parses the event of a row of this deployment. Throws STORE_DAMAGED if the row was never stored as an event, or if an
 * index led to another event than requested.
 */
export function storedEventOf(deploymentId: DeploymentId, row: unknown, askedId?: EventId): StoredEvent {
  const [, , eventId, sequence, receiveTimeUs, type, severity, text, content, stamp, salt] = row as StoredEventRow;
  if (!isWholeRow("events", row as StoredEventRow, 0, eventValuesCount)) throw damagedEvent(deploymentId, sequence);
  const labels = text === null ? noLabels : labelsFromJson(text);
  if (labels === undefined || sequence < 1) throw damagedEvent(deploymentId, sequence);
  if (askedId !== undefined && askedId !== eventId) throw damagedEvent(deploymentId, sequence);
  return {
    eventId: eventId as EventId,
    sequence,
    receiveTimeUs,
    type,
    severity,
    labels,
    content,
    stamp,
    ...saltOf(salt),
  };
}

// The sequence comes from the row as well, and may be damaged.
function damagedEvent(deploymentId: DeploymentId, sequence: unknown): Error {
  const isOne = Number.isSafeInteger(sequence) && (sequence as number) > 0;
  const place = isOne ? { deploymentId, sequence: sequence as number } : { deploymentId };
  return damageAt(place, `event ${sequence} of ${deploymentId} is not as it was stored`);
}

/** Updates the columns of an event that a redaction changes, by the values of `changedValues`. */
export const updateEvent = `UPDATE events SET (type, severity, labels, content, stamp, salt, checksum) =
  (${placeholders(7)}) WHERE number = ?`;

/** Returns the values of `updateEvent` for an event with this number and its deployment's. */
export function changedValues(number: number, deployment: number, event: StoredEvent) {
  return [...eventValues(number, deployment, event).slice(5), number];
}

/** Returns the deployment number in a row, whatever else is wrong with it. */
export function deploymentOfEvent(row: unknown): number {
  return (row as StoredEventRow)[1];
}

/** Throws STORE_DAMAGED for an event above the head of its deployment, which counts all events. */
export function checkBelowHead(
  deploymentId: DeploymentId,
  { eventId, sequence }: StoredEvent,
  headSequence: number | null,
): void {
  if (sequence <= (headSequence ?? 0)) return;
  throw damageAt({ deploymentId, sequence }, `event ${eventId} of ${deploymentId} is above its head`);
}

function labelsColumn(labels: StoredEvent["labels"]): string | null {
  for (const _ in labels) return JSON.stringify(labels);
  return null;
}
