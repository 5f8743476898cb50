import type { Append, ExpectedSequence } from "@activity-events/event-store";
import type { Event } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { toNewEvent, validateEvent } from "./parse-event.ts";
import { parseDeploymentId } from "./parse-identifiers.ts";
import { Violations } from "./violations.ts";

/** A request to append one event, decoded. */
interface AppendRequest {
  readonly event?: Event | undefined;
  readonly expectedSequence?: bigint | undefined;
}

/** Parses a request to append one event. Throws a Refusal that names every invalid field. */
export function parseAppend({ event, expectedSequence }: AppendRequest, receiveTimeUs: number): Append {
  const violations = new Violations();
  const expected = parseExpected(expectedSequence, violations);
  if (event === undefined) {
    violations.add("event", "is required");
    throw violations.refusal();
  }
  const deploymentId = parseDeploymentId(event.deploymentId, "event.deployment_id", violations);
  validateEvent(event, "event", violations);
  violations.throwIfAny();

  const fresh = toNewEvent(event, "event", violations);
  violations.throwIfAny();
  return { deploymentId, events: [fresh], expected, receiveTimeUs };
}

/** Parses the expected head sequence, if given. Notes an invalid one. */
export function parseExpected(sequence: bigint | undefined, violations: Violations): ExpectedSequence {
  if (sequence === undefined) return { kind: "any" };
  violations.checkSequence("expected_sequence", sequence);
  return { kind: "exactly", sequence: Number(sequence) };
}
