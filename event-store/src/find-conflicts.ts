import { contentDifference } from "./content-difference.ts";
import type { Append, Clash } from "./domain/append.ts";
import type { DifferingFields } from "./domain/event.ts";
import type { EventIdConflict } from "./store-error.ts";

/** Returns the conflicts that are real on decoded contents; a fingerprint only shortcuts equality. */
export function findConflicts(
  append: Append,
  clashes: readonly Clash[],
  differingFields: DifferingFields,
): readonly EventIdConflict[] {
  return clashes.flatMap(({ index, stored }) => {
    const offered = append.events[index];
    const { deploymentId } = append;
    const fields = offered === undefined ? [] : contentDifference({ deploymentId, stored, offered }, differingFields);
    return fields.length === 0 ? [] : [{ index, eventId: stored.eventId, sequence: stored.sequence, fields }];
  });
}
