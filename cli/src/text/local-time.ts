import type { Timestamp } from "@bufbuild/protobuf/wkt";

/** Formats a time to the second for a person: on the clock of this machine, or in UTC with a `Z`; empty if unset. */
export function localTimeText(time: Timestamp | undefined, utc: boolean): string {
  return text(time, utc, "");
}

/** Formats a time like `localTimeText`, with its milliseconds. */
export function exactLocalTimeText(time: Timestamp | undefined, utc: boolean): string {
  const ms = Math.floor((time?.nanos ?? 0) / 1_000_000);
  return text(time, utc, `.${String(ms).padStart(3, "0")}`);
}

function text(time: Timestamp | undefined, utc: boolean, fraction: string): string {
  if (time === undefined) return "";
  const date = new Date(Number(time.seconds) * 1_000);
  if (utc) return `${date.toISOString().slice(0, 19).replace("T", " ")}${fraction}Z`;
  const two = (value: number) => String(value).padStart(2, "0");
  const day = [String(date.getFullYear()).padStart(4, "0"), two(date.getMonth() + 1), two(date.getDate())].join("-");
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":")}${fraction}`;
}
