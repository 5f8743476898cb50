import { type Event, EventSchema, Severity } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { toJson } from "@bufbuild/protobuf";
import { setAttributes, setMark, sourceOf, type TopicMessage } from "./topic-message.ts";

/** What proves the event's place in its deployment (docs/history-hash.md); undefined where the store has none. */
interface Proof {
  readonly historyHash: Uint8Array | undefined;
  readonly commitment: Uint8Array | undefined;
}

/** What is special about a message; each is an attribute where it is true. */
interface Marks {
  /** The event was imported from another store: its times are from there. */
  readonly imported?: boolean;
  /** The event was published before, and somebody asked for it again. */
  readonly replayed?: boolean;
}

/**
 * Makes the message of a recorded event: a CloudEvent 1.0 in Pub/Sub's binary mode with the event as proto JSON. Throws if the
 * event has no JSON form.
 */
export function eventMessage(
  event: Event,
  { historyHash, commitment }: Proof,
  { imported, replayed }: Marks = {},
): TopicMessage {
  const { deploymentId } = event;
  const json = toJson(EventSchema, event) as { readonly receiveTime: string };
  return {
    data: Buffer.from(JSON.stringify(json)),
    attributes: setAttributes({
      "content-type": "application/json",
      "ce-specversion": "1.0",
      "ce-id": event.eventId,
      "ce-source": sourceOf(deploymentId),
      "ce-type": event.type,
      "ce-subject": deploymentId,
      "ce-time": json.receiveTime,
      "ce-sequence": `${event.sequence}`,
      "ce-traceparent": event.traceParent,
      deployment_id: deploymentId,
      type: event.type,
      environment: event.environment,
      severity: Severity[event.severity] ?? `${event.severity}`,
      history_hash: hex(historyHash),
      commitment: hex(commitment),
      imported: setMark(imported),
      replayed: setMark(replayed),
    }),
    orderingKey: deploymentId,
  };
}

function hex(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? "" : Buffer.from(bytes).toString("hex");
}
