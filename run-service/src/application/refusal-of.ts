import {
  type Deployment,
  DeploymentGoneError,
  EventIdConflictError,
  isPurged,
  SequenceMismatchError,
  StoreFaultError,
  type StoreFaultReason,
  limits as storeLimits,
} from "@activity-events/event-store";
import { limits } from "../limits.ts";
import { Refusal } from "./refusal.ts";

const retryDelayMsOf: Readonly<Partial<Record<StoreFaultReason, number>>> = {
  STORE_READ_ONLY: 5_000,
  STORE_IO_ERROR: 1_000,
  STORE_UNAVAILABLE: 1_000,
  TOO_MANY_WAITING: 1_000,
};

/** Returns the path of an event by index, such as `events[3]`. */
export type FieldOf = (index: number) => string;

/** Turns any error into a refusal; an unexpected error becomes INTERNAL_FAULT. */
export function refusalOf(error: unknown, fieldOf: FieldOf = (index) => `events[${index}]`): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof EventIdConflictError) return conflictRefusal(error, fieldOf);
  if (error instanceof DeploymentGoneError) return goneRefusal(error.head);
  if (error instanceof SequenceMismatchError) {
    return new Refusal(error.reason, error.message, {
      metadata: {
        deployment_id: error.deploymentId,
        expected_sequence: `${error.expectedSequence}`,
        actual_sequence: `${error.actualSequence}`,
      },
    });
  }
  if (error instanceof StoreFaultError) {
    const retryDelayMs = retryDelayMsOf[error.reason];
    return new Refusal(error.reason, error.message, {
      cause: error.cause,
      metadata: metadataOf(error),
      ...(retryDelayMs === undefined ? {} : { retryDelayMs }),
    });
  }
  return new Refusal("INTERNAL_FAULT", "the service failed; its log has the cause", { cause: error });
}

function metadataOf({ reason, place }: StoreFaultError): Record<string, string> {
  if (reason === "TOO_MANY_WAITING") return { waiting_bytes_max: `${storeLimits.waitingBytesMax}` };
  if (place === undefined) return {};
  const { deploymentId, sequence } = place;
  return { deployment_id: deploymentId, ...(sequence === undefined ? {} : { sequence: `${sequence}` }) };
}

function conflictRefusal(error: EventIdConflictError, fieldOf: FieldOf): Refusal {
  const [first] = error.conflicts;
  const { listed, more } = firstFields(first?.fields ?? []);
  const fields = { fields: listed.join(","), ...(more > 0 ? { fields_total: `${listed.length + more}` } : {}) };
  return new Refusal(error.reason, error.message, {
    metadata: {
      deployment_id: error.deploymentId,
      event_id: `${first?.eventId}`,
      sequence: `${first?.sequence}`,
      ...(first?.redacted ? { redacted: "true" } : fields),
    },
    violations: error.conflicts.map(({ index, eventId, sequence, fields, redacted }) => ({
      field: fieldOf(index),
      description: `event ${eventId} is stored at sequence ${sequence} with other content: ${redacted ? "it was redacted" : inWords(fields)}`,
    })),
  });
}

// Unknown fields are named by number, and there may be thousands.
function firstFields(fields: readonly string[]): { listed: readonly string[]; more: number } {
  const listed = fields.slice(0, limits.conflictFieldsMax);
  return { listed, more: fields.length - listed.length };
}

function inWords(fields: readonly string[]): string {
  const { listed, more } = firstFields(fields);
  if (fields.length === 1) return `${listed[0]} differs`;
  return `${listed.join(", ")}${more > 0 ? ` and ${more} more` : ""} differ`;
}

/** Makes the refusal of a change to a deployment that is deleted or purged. */
export function goneRefusal(head: Deployment): Refusal {
  const { reason, message } = new DeploymentGoneError(head);
  if (reason === "DEPLOYMENT_PURGED") return purgedRefusal(head, undefined);
  return new Refusal(reason, `${message} and takes no new events`, { metadata: { deployment_id: head.deploymentId } });
}

/** Makes the refusal of a read of a deployment that is deleted or purged; a deleted one is as if it had never been. */
export function hiddenRefusal(head: Deployment): Refusal {
  return isPurged(head) ? purgedRefusal(head, "NOT_FOUND") : deploymentNotFound(head.deploymentId);
}

function purgedRefusal(head: Deployment, answersWith: "NOT_FOUND" | undefined): Refusal {
  const { deploymentId, headSequence, historyHash } = head;
  const hash = historyHash && { history_hash: Buffer.from(historyHash.hash).toString("hex") };
  return new Refusal("DEPLOYMENT_PURGED", `deployment ${deploymentId} is purged; its events are gone for good`, {
    metadata: { deployment_id: deploymentId, head_sequence: `${headSequence}`, ...hash },
    ...(answersWith === undefined ? {} : { answersWith }),
  });
}

export function eventNotFound(deploymentId: string, eventId: string): Refusal {
  return new Refusal("EVENT_NOT_FOUND", `deployment ${deploymentId} has no event ${eventId}`, {
    metadata: { deployment_id: deploymentId, event_id: eventId },
  });
}

export function deploymentNotFound(deploymentId: string): Refusal {
  return new Refusal("DEPLOYMENT_NOT_FOUND", `there is no deployment ${deploymentId}`, {
    metadata: { deployment_id: deploymentId },
  });
}
