import { formatAge, formatElapsed } from "./format-duration.ts";
import { useTicked } from "./use-ticked.ts";

const inFull = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "long" });
const clockTime = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

interface TimeProps {
  /** Ms since 1970. */
  readonly ms: number;
}

/** How long ago something was; the full time as its title. */
export function Ago({ ms }: TimeProps) {
  const age = useTicked((nowMs) => formatAge(nowMs - ms));
  return (
    <time dateTime={new Date(ms).toISOString()} title={fullTime(ms)}>
      {age}
    </time>
  );
}

/** How long something has been going on. */
export function Elapsed({ ms }: TimeProps) {
  const elapsed = useTicked((nowMs) => formatElapsed(nowMs - ms));
  return <span class="elapsed">{elapsed}</span>;
}

/** The time of day; the full time as its title. */
export function ClockTime({ ms }: TimeProps) {
  return (
    <time dateTime={new Date(ms).toISOString()} title={fullTime(ms)}>
      {formatClockTime(ms)}
    </time>
  );
}

/** Day and time with the browser's time zone. */
export function fullTime(ms: number): string {
  return inFull.format(ms);
}

export function formatClockTime(ms: number): string {
  return clockTime.format(ms);
}
