/** A time of the producer's clock, to the nanosecond. */
export interface SendTime {
  /** Seconds since 1970, rounded down. */
  readonly seconds: number;
  /** Nanoseconds, 0 to 999,999,999, counted forward. */
  readonly nanos: number;
}

/** 2000-01-01, in microseconds since 1970; a clock before that was never set. */
const earliestUs = 946_684_800_000_000;

/** Longest time that a producer's clock may be ahead of the server's, in microseconds. */
const aheadUs = 5 * 60 * 1_000_000;

/**
 * Returns the event time, in microseconds since 1970: the send time if usable. Otherwise the receive time, but later
 * than all known times of the deployment (`greatestUs`, minus infinity without any), so that a server clock that jumps
 * back reopens nothing.
 */
export function eventTime(sendTime: SendTime | undefined, receiveTimeUs: number, greatestUs: number): number {
  const sentUs = sendTime === undefined ? undefined : microsecondsOf(sendTime);
  if (sentUs !== undefined && sentUs >= earliestUs && sentUs <= receiveTimeUs + aheadUs) return sentUs;
  return Math.max(receiveTimeUs, greatestUs + 1);
}

/** Truncates a time to whole microseconds since 1970; not exact after the year 2255. */
export function microsecondsOf({ seconds, nanos }: SendTime): number {
  return seconds * 1_000_000 + Math.floor(nanos / 1_000);
}
