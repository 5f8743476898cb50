import { formatElapsed } from "../time/format-duration.ts";

/** Writes a share from 0 to 1 in percent: `6.3 %`, `12 %`. Null as a dash. */
export function formatShare(share: number | null): string {
  if (share === null) return "–";
  const percent = share * 100;
  const digits = percent > 0 && percent < 10 ? 1 : 0;
  return `${percent.toFixed(digits).replace(/[.]0$/, "")} %`;
}

/** Writes a rate by the unit of time in which it is at least 1: `4.2 per day`, `3 per week`, `2 per month`. */
export function formatRate(perDay: number): { readonly value: string; readonly unit: string } {
  const [perWeek, perMonth] = [perDay * 7, perDay * 30];
  if (perDay >= 1 || perDay === 0) return { value: oneDigit(perDay), unit: "per day" };
  if (perWeek >= 1) return { value: oneDigit(perWeek), unit: "per week" };
  return { value: oneDigit(perMonth), unit: "per 30 days" };
}

function oneDigit(value: number): string {
  const digits = value < 10 ? 1 : 0;
  return value.toFixed(digits).replace(/[.]0$/, "");
}

/** Writes a duration of the report: `3 h 5 m`. Null as a dash. */
export function formatUs(durationUs: number | null): string {
  return durationUs === null ? "–" : formatElapsed(durationUs / 1_000);
}

/** Writes a count with its noun: `1 deployment`, `1,204 deployments`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}
