import {
  type DeploymentId,
  type EventId,
  identifierRule,
  isDeploymentId,
  isEventId,
} from "@activity-events/event-store";
import type { Violations } from "./violations.ts";

/** Parses a deployment id. Notes a missing or invalid one; its result is then never used. */
export function parseDeploymentId(text: string, field: string, violations: Violations): DeploymentId {
  if (text === "") violations.add(field, "is required");
  else if (!isDeploymentId(text)) violations.add(field, `must be ${identifierRule}; found ${violations.show(text)}`);
  return text as DeploymentId;
}

/** The same for an event id. */
export function parseEventId(text: string, field: string, violations: Violations): EventId {
  if (text === "") violations.add(field, "is required");
  else if (!isEventId(text)) violations.add(field, `is not an event id; found ${violations.show(text)}`);
  return text as EventId;
}
