/** Returns a time of RFC 3339 in whole microseconds since 1970, finer digits cut; undefined for what is none. */
export function microsecondsOf(time: string | undefined): number | undefined {
  if (time === undefined) return undefined;
  const fraction = /[.](\d+)/.exec(time)?.[1] ?? "";
  const ms = Date.parse(time.replace(/[.]\d+/, ""));
  return Number.isNaN(ms) ? undefined : ms * 1_000 + Number(fraction.padEnd(6, "0").slice(0, 6));
}

/** The same in ms, with a fraction. */
export function millisecondsOf(time: string | undefined): number | undefined {
  const microseconds = microsecondsOf(time);
  return microseconds === undefined ? undefined : microseconds / 1_000;
}
