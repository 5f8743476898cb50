/** A moment of the producer's clock, to the nanosecond. */
export interface SendTime {
  /** Since 1970, rounded down. */
  readonly seconds: number;
  /** 0 to 999,999,999, counted forward. */
  readonly nanos: number;
}

/** 2000-01-01, in microseconds since 1970: a clock that says less was never set. */
const earliestUs = 946_684_800_000_000;

/** How far a producer's clock may be ahead of the server's, in microseconds. */
const aheadUs = 5 * 60 * 1_000_000;

/**
 * When an event happened, in microseconds since 1970: its send time where that is usable. Else it is its receive time, but
 * later than all that is known of the deployment (`greatestUs`, minus infinity where nothing is), so that a server's clock that jumps back reopens nothing.
 */
export function eventTime(sendTime: SendTime | undefined, receiveTimeUs: number, greatestUs: number): number {
  const sentUs = sendTime === undefined ? undefined : microsecondsOf(sendTime);
  if (sentUs !== undefined && sentUs >= earliestUs && sentUs <= receiveTimeUs + aheadUs) return sentUs;
  return Math.max(receiveTimeUs, greatestUs + 1);
}

/** Cut to whole microseconds since 1970; not exact beyond the year 2255. */
export function microsecondsOf({ seconds, nanos }: SendTime): number {
  return seconds * 1_000_000 + Math.floor(nanos / 1_000);
}
