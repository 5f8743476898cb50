import type { Append, DeploymentId, ExpectedSequence } from "@activity-events/event-store";
import type { Event } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { toNewEvent, validateDeploymentId, validateEvent } from "./parse-event.ts";
import { Violations } from "./violations.ts";

/** A request to append one event, decoded. */
interface AppendRequest {
  readonly event?: Event | undefined;
  readonly expectedSequence?: bigint | undefined;
}

/** What a request that is about one event appends. Throws a Refusal that names every field at fault. */
export function parseAppend({ event, expectedSequence }: AppendRequest, receiveTimeUs: number): Append {
  const violations = new Violations();
  if (event === undefined) violations.add("event", "is required");
  else {
    validateDeploymentId(event.deploymentId, "event.deployment_id", violations);
    validateEvent(event, "event", violations);
  }
  const expected = parseExpected(expectedSequence, violations);
  violations.throwIfAny();

  const deploymentId = event?.deploymentId as DeploymentId;
  const fresh = toNewEvent(event as Event, "event", violations);
  violations.throwIfAny();
  return { deploymentId, events: [fresh], expected, receiveTimeUs };
}

/** The sequence that the caller expects the head to have, if it named one. Notes one that is none. */
export function parseExpected(sequence: bigint | undefined, violations: Violations): ExpectedSequence {
  if (sequence === undefined) return { kind: "any" };
  violations.checkSequence("expected_sequence", sequence);
  return { kind: "exactly", sequence: Number(sequence) };
}
