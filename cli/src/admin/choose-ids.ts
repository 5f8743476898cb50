import { UsageError } from "../program/usage-error.ts";

/** Returns the ids that were given behind the command and by flags, each once. Throws a `UsageError` if there is none. */
export function chooseIds(given: readonly string[], flagged: readonly string[] = []): readonly string[] {
  const ids = [...new Set([...given, ...flagged])];
  if (ids.length > 0) return ids;
  throw new UsageError("Give the ids of the deployments, behind the command or by --deployment-id.");
}
