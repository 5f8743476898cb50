import { ActivityEventsClient } from "@activity-events/client";
import { Outcome } from "@activity-events/proto/activityevents/v1/event_pb.js";

/** Records a history of four events in `d`. */
export async function recordHistory(address: string): Promise<void> {
  const client = new ActivityEventsClient({ address, tls: false });
  const events = [
    { type: "deployment.started", environment: "prod", commit: "c0ffee", commitTime: { seconds: 1_700_000_000n } },
    { message: "half", labels: { a: "1" } },
    { message: "most" },
    { type: "deployment.finished", outcome: Outcome.SUCCESS, sendTime: { seconds: 1_800_000_000n, nanos: 7 } },
  ];
  for (const [index, event] of events.entries()) {
    await client.createEvent({ event: { deploymentId: "d", eventId: `e${index + 1}`, ...event } });
  }
  client.close();
}
