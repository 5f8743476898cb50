import type { DifferingFields, NewEvent, StoredEvent } from "./domain/event.ts";
import type { DeploymentId } from "./domain/identifiers.ts";
import { damageAt } from "./store-error.ts";

interface ContentPair {
  readonly deploymentId: DeploymentId;
  readonly stored: StoredEvent;
  readonly offered: NewEvent;
}

/**
 * Names the fields in which an offered event differs from the stored one of its id. Throws STORE_DAMAGED where the two cannot
 * be compared: what is offered has been read before, so it is the stored content that cannot be.
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
