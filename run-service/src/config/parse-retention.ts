import { anyEnvironment, Retention } from "../application/retention.ts";

/** Most days of a rule: a hundred years. */
const daysMax = 36_500;

/** Parses `production=730, *=90`: days by environment. Returns what is wrong with it as text. */
export function parseRetention(text: string): Retention | string {
  const days = new Map<string, number>();
  for (const rule of text.split(",").map((part) => part.trim())) {
    if (rule === "" && text.trim() === "") break;
    const at = rule.lastIndexOf("=");
    const [environment, count] = [rule.slice(0, Math.max(at, 0)).trim(), rule.slice(at + 1).trim()];
    const isWhole = /^[1-9]\d*$/.test(count) && Number(count) <= daysMax;
    if (environment === "" || !isWhole) {
      return `must be ENVIRONMENT=DAYS, comma-separated, with ${anyEnvironment} for all others and 1 to ${daysMax} days; found ${JSON.stringify(rule)}`;
    }
    if (days.has(environment)) return `names ${JSON.stringify(environment)} twice`;
    days.set(environment, Number(count));
  }
  return new Retention(days);
}
