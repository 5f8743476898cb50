import { contentDifference } from "./content-difference.ts";
import type { Append, Clash } from "./domain/append.ts";
import type { DifferingFields } from "./domain/event.ts";
import type { EventIdConflict } from "./store-error.ts";

/**
 * Returns the conflicts that are real on decoded contents; a fingerprint only shortcuts equality. Of a redacted event the content
 * is gone: the plan has compared its MAC.
 */
export function findConflicts(
  append: Append,
  clashes: readonly Clash[],
  differingFields: DifferingFields,
): readonly EventIdConflict[] {
  const { deploymentId } = append;
  return clashes.flatMap(({ index, stored }): readonly EventIdConflict[] => {
    const { eventId, sequence } = stored;
    if (stored.redaction !== undefined) return [{ index, eventId, sequence, fields: [], redacted: true }];
    const offered = append.events[index];
    const fields = offered === undefined ? [] : contentDifference({ deploymentId, stored, offered }, differingFields);
    return fields.length === 0 ? [] : [{ index, eventId, sequence, fields, redacted: false }];
  });
}
