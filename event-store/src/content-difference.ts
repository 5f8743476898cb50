import type { DifferingFields, NewEvent, StoredEvent } from "./domain/event.ts";
import type { DeploymentId } from "./domain/identifiers.ts";
import { damageAt } from "./store-error.ts";

interface ContentPair {
  readonly deploymentId: DeploymentId;
  readonly stored: StoredEvent;
  readonly offered: NewEvent;
}

/**
 * Names the fields in which an offered event differs from the stored one with its id. Throws STORE_DAMAGED if they
 * cannot be compared: the offered content was decoded before, so the stored one is damaged.
 */
export function contentDifference(
  { deploymentId, stored, offered }: ContentPair,
  differingFields: DifferingFields,
): readonly string[] {
  try {
    return differingFields(stored.content, offered.content);
  } catch (cause) {
    const { eventId, sequence } = stored;
    throw damageAt({ deploymentId, sequence }, `the content of event ${eventId} of ${deploymentId} cannot be read`, {
      cause,
    });
  }
}
