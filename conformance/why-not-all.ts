import { languages } from "./languages.ts";
import { routes } from "./routes.ts";

/** Says in one line what this machine lacks to run every program by every way; undefined where it lacks nothing. */
export function whyNotAll(): string | undefined {
  const missing = [...Object.values(languages), ...Object.values(routes)].map(({ whyNot }) => whyNot());
  return missing.filter((why) => why !== undefined).join("; ") || undefined;
}
