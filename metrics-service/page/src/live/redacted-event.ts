import type { EventJson } from "@activity-events/proto/activityevents/v1/event_pb.js";

/** Tells whether an event was redacted: it has its commitment in place of the salt. */
export function isRedacted({ commitment }: EventJson): boolean {
  return commitment !== undefined;
}

/** Empties the events that redactions among `added` name: the server has emptied them, but sends none of them again. */
export function withRedactions(events: readonly EventJson[], added: readonly EventJson[]): readonly EventJson[] {
  const notices = new Map(
    added.flatMap(({ type, data }) =>
      type === "activityevents.redacted" ? [[`${data?.sequence}`, { eventId: data?.eventId, data }] as const] : [],
    ),
  );
  if (notices.size === 0) return events;
  return events.map((event) => {
    const notice = notices.get(event.sequence ?? "");
    return notice?.eventId === event.eventId && notice ? emptied(event, notice.data?.allFields === true) : event;
  });
}

function emptied(event: EventJson, allFields: boolean): EventJson {
  const { name, eventId, deploymentId, sequence, type, outcome, severity, sendTime, receiveTime } = event;
  const kept = { name, eventId, deploymentId, sequence, type, outcome, severity, sendTime, receiveTime };
  const { environment, service, revision, commit, commitTime, principal } = event;
  const named = allFields ? {} : { environment, service, revision, commit, commitTime, principal };
  // As the server would send it; the commitment itself shows nowhere but in the JSON.
  const left = Object.entries({ ...kept, ...named }).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(left), commitment: "" };
}
