import type { Timestamp } from "@bufbuild/protobuf/wkt";

const units: readonly (readonly [string, number])[] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
];
/** Clocks of two machines may differ by this much, in ms, without a word. */
const skewMs = 60_000;
/** Beyond this age, in ms, a day says more than a count of days. */
const ageMaxMs = 30 * 86_400_000;

/** Formats how long ago a time is, as `3 minutes ago`; undefined if it is too long ago for that. */
export function timeAgo(time: Timestamp, nowMs: number): string | undefined {
  const ageMs = nowMs - Number(time.seconds) * 1_000 - Math.floor(time.nanos / 1_000_000);
  if (Math.abs(ageMs) >= ageMaxMs) return undefined;
  const [name, ms] = units.find(([, length]) => Math.abs(ageMs) >= length) ?? [];
  if (name === undefined || ms === undefined || (ageMs < 0 && -ageMs < skewMs)) return "now";
  const count = Math.floor(Math.abs(ageMs) / ms);
  const span = `${count} ${name}${count === 1 ? "" : "s"}`;
  return ageMs < 0 ? `in ${span}` : `${span} ago`;
}
