import { AccessError, ActivityEventsError } from "@activity-events/client";
import { isUnexplained } from "../program/describe-error.ts";
import type { SentFile } from "../spool/send-spooled.ts";
import type { Recording } from "./recorder.ts";

/** Parts of the text about a recording. */
export interface RecordingWords {
  /** Sentence, without its full stop, on why the service has not answered. */
  readonly why: string;
  /** Describes a failed call. */
  readonly describe: (error: ActivityEventsError) => string;
}

/** Says what is not recorded, and where it is; nothing if everything is. */
export function recordingComplaints(recording: Recording, words: RecordingWords): readonly string[] {
  const { unsent, lost, refused, refusedPath, spoolFolder, spoolFailure, sendFailure } = recording;
  const complaints: string[] = [];
  if (spoolFailure !== undefined) {
    const reason = spoolFailure instanceof Error ? spoolFailure.message : String(spoolFailure);
    complaints.push(`warning: events could not be kept on the disk (${reason}); they were sent from memory.`);
  }
  for (const { event, outcome } of refused) {
    const where = refusedPath === undefined ? "" : `\n  It is in ${refusedPath}.`;
    complaints.push(`event ${event.type} ${event.eventId} was refused: ${words.describe(outcome.error)}${where}`);
  }
  if (unsent === 0) return complaints;
  const kept = unsent - lost;
  const why = failureText(sendFailure, words);
  if (kept > 0) {
    complaints.push(
      `${events(kept)} not sent yet: ${why}\n  The next run, add or flush to this service sends ${kept === 1 ? "it" : "them"}; until then, ${kept === 1 ? "it is" : "they are"} in ${spoolFolder}.`,
    );
  }
  if (lost > 0) complaints.push(`${events(lost)} lost: ${why}`);
  return complaints;
}

function failureText(error: unknown, { why, describe }: RecordingWords): string {
  // What the service itself said tells more than what a connection shows.
  if (error instanceof ActivityEventsError && !isUnexplained(error)) return describe(error);
  if (error instanceof AccessError) return `${error.code}: ${error.message}`;
  if (error === undefined || error instanceof ActivityEventsError) return `${why}.`;
  return error instanceof Error ? error.message : String(error);
}

function events(count: number): string {
  return count === 1 ? "1 event is" : `${count} events are`;
}

/** Says which events of earlier runs were set aside. */
export function sentFileComplaints(files: readonly SentFile[]): readonly string[] {
  return files.flatMap(({ deploymentId, refused, refusedPath }) =>
    refused.map(
      ({ what, reason }) =>
        `${what} of an earlier run (${deploymentId}) was refused: ${reason}\n  It is in ${refusedPath}.`,
    ),
  );
}
