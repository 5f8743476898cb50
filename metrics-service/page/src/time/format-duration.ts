const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Writes a length of time with its two greatest units: `38 s`, `4 m 12 s`, `3 h 5 m`, `2 d 4 h`. Below a second: `120 ms`. */
export function formatDuration(durationMs: number): string {
  const ms = Math.abs(durationMs);
  if (ms < secondMs) return `${Math.round(ms)} ms`;
  if (ms < 10 * secondMs && ms % secondMs !== 0) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  return formatElapsed(ms);
}

/** The same in whole seconds, for what goes on: `0 s`, `38 s`, `4 m 12 s`. Below zero, where clocks differ: `0 s`. */
export function formatElapsed(elapsedMs: number): string {
  const ms = Math.max(0, elapsedMs);
  if (ms < minuteMs) return `${Math.floor(ms / secondMs)} s`;
  if (ms < hourMs) return twoUnits(ms, minuteMs, "m", secondMs, "s");
  if (ms < dayMs) return twoUnits(ms, hourMs, "h", minuteMs, "m");
  return twoUnits(ms, dayMs, "d", hourMs, "h");
}

/** Writes how long ago something was, with one unit: `now`, `12 s`, `40 min`, `3 h`, `2 days`. */
export function formatAge(ageMs: number): string {
  if (ageMs < 5 * secondMs) return "just now";
  if (ageMs < minuteMs) return `${Math.floor(ageMs / secondMs)} s ago`;
  if (ageMs < hourMs) return `${Math.floor(ageMs / minuteMs)} min ago`;
  if (ageMs < dayMs) return `${Math.floor(ageMs / hourMs)} h ago`;
  const days = Math.floor(ageMs / dayMs);
  return days === 1 ? "1 day ago" : `${days} days ago`;
}

function twoUnits(ms: number, greatMs: number, great: string, smallMs: number, small: string): string {
  const greater = Math.floor(ms / greatMs);
  const smaller = Math.floor((ms % greatMs) / smallMs);
  return smaller === 0 ? `${greater} ${great}` : `${greater} ${great} ${smaller} ${small}`;
}
