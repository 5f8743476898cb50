import { labelsFromJson, type StoredEvent } from "../../domain/event.ts";
import type { DeploymentId, EventId } from "../../domain/identifiers.ts";
import { damageAt } from "../../store-error.ts";
import { EventRun } from "../rows/event-run.ts";
import type { StoredRun } from "../rows/run-rows.ts";

// Rows of a store of schema 3, for the step from it. This file does not change any more.

/** Selects all deployments, in the order of DeploymentRow. */
export const selectHeads = `SELECT number, deployment_id, head_sequence, last_run
  FROM deployments LEFT JOIN heads ON heads.deployment = deployments.number ORDER BY number`;

type DeploymentRow = readonly [number, DeploymentId, number | null, Uint8Array | null];

/** Parts used of a deployment; the rest follows from its events. */
export interface OldDeployment {
  readonly number: number;
  readonly deploymentId: DeploymentId;
  readonly headSequence: number;
  readonly lastRun: EventRun;
}

/** A stored event. */
export type OldEvent = Omit<StoredEvent, "salt">;

/** Selects the full runs of a deployment, in the order of StoredRunRow. */
export const selectRuns = "SELECT first_sequence, events FROM runs WHERE deployment = ? ORDER BY first_sequence";

type StoredRunRow = readonly [number, Uint8Array];

/** Selects an event by its number and its deployment's, in the order of StoredEventRow. */
export const selectEvent = `SELECT event_id, sequence, receive_time_us, type, severity, labels, content, stamp
  FROM events WHERE number = ? AND deployment = ?`;

type StoredEventRow = readonly [EventId, number, number, string, number, string | null, Uint8Array, Uint8Array];

/** Parses a head. Throws STORE_DAMAGED if the row was never stored as a head. */
export function deploymentOf(row: unknown): OldDeployment {
  const [number, deploymentId, headSequence, bytes] = row as DeploymentRow;
  const lastRun = bytes === null ? undefined : EventRun.stored(headSequence ?? 0, bytes);
  if (lastRun === undefined || headSequence === null) throw damagedHead(deploymentId);
  return { number, deploymentId, headSequence, lastRun };
}

function damagedHead(deploymentId: DeploymentId): Error {
  return damageAt({ deploymentId }, `the head of ${deploymentId} is not as it was stored`);
}

/** Parses a full run of a deployment. */
export function storedRunOf(row: unknown): StoredRun {
  const [firstSequence, bytes] = row as StoredRunRow;
  return { firstSequence, bytes };
}

/** Parses an event. Throws STORE_DAMAGED if the row was never stored as an event. */
export function storedEventOf(deploymentId: DeploymentId, row: unknown): OldEvent {
  const [eventId, sequence, receiveTimeUs, type, severity, text, content, stamp] = row as StoredEventRow;
  const labels = text === null ? {} : labelsFromJson(text);
  if (labels === undefined) {
    throw damageAt({ deploymentId, sequence }, `event ${eventId} of ${deploymentId} is not as it was stored`);
  }
  return { eventId, sequence, receiveTimeUs, type, severity, labels, content, stamp };
}
