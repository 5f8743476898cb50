import { ActivityEventsError } from "../activity-events-error.ts";
import type { IngestQueue } from "./ingest-queue.ts";

/** Ending of a stream. */
export type IngestEnding =
  /** The server announced the end, with the delay before the next stream and the last acknowledged event. */
  | { readonly kind: "goaway"; readonly lastOrdinal: bigint; readonly retryDelayMs: number }
  /** The server ended with OK. */
  | { readonly kind: "ok" }
  | { readonly kind: "failed"; readonly error: ActivityEventsError };

/** Error that ended the stream; undefined after a goaway. */
export function errorOf(ending: IngestEnding): ActivityEventsError | undefined {
  if (ending.kind === "failed") return ending.error;
  if (ending.kind === "goaway") return undefined;
  return new ActivityEventsError({ code: "UNAVAILABLE", message: "The server ended the stream without a reason." });
}

/**
 * Makes the error for a server that ended a stream normally without all its acknowledgements. Resent events would be
 * duplicates, but a server that loses acknowledgements may lose events too, so this is reported.
 */
export function missingAcknowledgements(
  ending: IngestEnding,
  { ordinal, missing }: IngestQueue["acknowledged"],
): ActivityEventsError | undefined {
  const fault = (found: string) => {
    const advice =
      "Events without an acknowledgement may be stored; resend them with the same ids to store them only once.";
    return new ActivityEventsError({ code: "INTERNAL", message: `${found} ${advice}` });
  };
  if (ending.kind === "ok" && missing > 0) {
    return fault(`The server ended the stream with OK after event ${ordinal}; ${missing} more were sent.`);
  }
  if (ending.kind === "goaway" && ending.lastOrdinal !== BigInt(ordinal)) {
    return fault(`The server says that it acknowledged event ${ending.lastOrdinal} last; event ${ordinal} was.`);
  }
  return undefined;
}
