import { randomUUID } from "node:crypto";
import type { EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { MessageInitShape } from "@bufbuild/protobuf";

export type EventInit = Exclude<MessageInitShape<typeof EventSchema>, { $typeName: string }>;

/** The id of a deployment that nobody else uses. */
export function newDeploymentId(): string {
  return `release-${randomUUID()}`;
}

/** An event of a deployment that nobody else uses, with all that is required; what matters is given. */
export function newEvent(
  fields: EventInit = {},
): EventInit & { readonly deploymentId: string; readonly eventId: string } {
  return {
    message: "it goes on",
    ...fields,
    deploymentId: fields.deploymentId ?? newDeploymentId(),
    eventId: fields.eventId ?? randomUUID(),
  };
}

/** Events of one deployment with the ids 1, 2, 3 and so on. */
export function newEvents(deploymentId: string, count: number, fields: EventInit = {}): EventInit[] {
  return Array.from({ length: count }, (_, index) => newEvent({ ...fields, deploymentId, eventId: `${index + 1}` }));
}
