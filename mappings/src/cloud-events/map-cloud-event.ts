import { idOfParts } from "@activity-events/client";
import { fitContent } from "../fit/fit-event.ts";
import { bytesOf } from "../fit/fit-text.ts";
import { limits } from "../limits.ts";
import { type MappedContent, type Mapping, recorded } from "../mapping.ts";
import { MappingError } from "../mapping-error.ts";
import type { PayloadValue } from "../payload/parse-payload.ts";
import { parseTime } from "../payload/parse-time.ts";
import { isCdEvent, mapCdEvent } from "./cd-event.ts";
import type { CloudEvent } from "./cloud-event.ts";
import { idOfSubject } from "./deployment-of-subject.ts";
import { isOwnType, ownContent } from "./own-event.ts";

/** Source of events that this project's mirror and `forward` send: the event's own id is the CloudEvent's. */
const ownSource = "//activityevents/deployments/";
const traceParent = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Maps a CloudEvent: a CDEvent to our life cycle, an event of ours to itself, any other to one of its type. Throws a MappingError. */
export function mapCloudEvent(event: CloudEvent): Mapping {
  const at = (name: string) => (event.path === "" ? name : `${event.path}.${name}`);
  const { id, source, type, subject } = event;
  if (isCdEvent(event)) return mapCdEvent(event);
  if (subject === "") throw new MappingError(at("subject"), "must name the deployment");
  if (bytesOf(type) > limits.textBytesMax) {
    throw new MappingError(at("type"), `must be at most ${limits.textBytesMax} bytes`);
  }
  if (type.startsWith("activityevents."))
    throw new MappingError(at("type"), "is one that only the service itself makes");
  const isOwn = source === `${ownSource}${subject}`;
  const content = isOwn || isOwnType(type) ? ownContent(event.data, event.path) : foreignContent(event.data);
  const isFinished = type === "deployment.finished";
  if (isFinished !== ((content.outcome ?? 0) !== 0)) {
    const problem = isFinished ? "is required for deployment.finished" : "is for deployment.finished alone";
    throw new MappingError(at("data.outcome"), problem);
  }
  const sendTime = parseTime(event.time);
  return recorded({
    ...(isOwn ? {} : fitContent({ type, source })),
    ...content,
    type,
    deploymentId: idOfSubject(subject),
    // Source and id together are unique; an id alone is not.
    eventId: isOwn ? idOfSubject(id) : idOfParts([source, id]),
    ...(sendTime === undefined ? {} : { sendTime }),
    ...(traceParent.test(event.traceParent) ? { traceParent: event.traceParent } : {}),
  });
}

/** Data of an event that means nothing here is kept as it is. */
function foreignContent(data: PayloadValue | undefined): Omit<MappedContent, "type"> {
  if (data === undefined) return { labels: {} };
  const isObject = typeof data === "object" && data !== null && !Array.isArray(data);
  const { type: _, ...content } = fitContent({ type: "", data: isObject ? data : { value: data } });
  return content;
}
