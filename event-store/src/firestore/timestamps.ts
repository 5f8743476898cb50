import { Timestamp } from "@google-cloud/firestore";

/** Converts whole microseconds, Firestore's precision, to a timestamp. */
export function timestampOf(timeUs: number): Timestamp {
  const seconds = Math.floor(timeUs / 1_000_000);
  return new Timestamp(seconds, (timeUs - seconds * 1_000_000) * 1_000);
}

/** Converts a timestamp to whole microseconds since 1970. */
export function microsecondsOf({ seconds, nanoseconds }: Timestamp): number {
  return seconds * 1_000_000 + Math.floor(nanoseconds / 1_000);
}
