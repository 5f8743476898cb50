import type { EventId, NewEvent } from "@activity-events/event-store";
import { EventSchema, Severity } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { create } from "@bufbuild/protobuf";
import { v7 as uuidv7 } from "uuid";
import type { NoticeOf } from "../../application/deployment-editor.ts";
import { newEvent, stampWith } from "./event-codec.ts";

/** Makes the event that tells of a redaction or a purge, as its principal records it. */
export function noticeEvent({ type, message, data, principal }: NoticeOf): NewEvent {
  const event = create(EventSchema, { type, message, severity: Severity.NOTICE });
  if (data !== undefined) event.data = { ...data };
  const notice = newEvent(event, uuidv7() as EventId);
  if (principal !== "") stampWith(principal, notice);
  return notice;
}
