import { idOfParts, type Outcome, type Severity } from "@activity-events/client";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { limits } from "../limits.ts";
import type { MappedContent, MappedEvent } from "../mapping.ts";
import type { PayloadValue } from "../payload/parse-payload.ts";
import { fitData } from "./fit-data.ts";
import { bytesOf, fitText } from "./fit-text.ts";
import { fitUri } from "./fit-uri.ts";

/** An event as a mapping says it: ids by their parts, and decorations as the sender wrote them. */
export interface EventDraft {
  readonly deployment: readonly string[];
  readonly event: readonly string[];
  readonly type: string;
  readonly outcome?: Outcome | undefined;
  readonly severity?: Severity | undefined;
  readonly message?: string;
  readonly sendTime?: Timestamp | undefined;
  readonly source?: string;
  readonly actor?: string;
  readonly environment?: string;
  readonly service?: string;
  readonly revision?: string;
  readonly commit?: string;
  readonly commitTime?: Timestamp | undefined;
  readonly url?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly data?: PayloadValue | undefined;
}

/** What of a draft is not an id. */
export type EventContent = Omit<EventDraft, "deployment" | "event">;

/** Makes the event, with ids that differ where the parts differ, and decorations that the service takes. */
export function fitEvent({ deployment, event, ...content }: EventDraft): MappedEvent {
  return { deploymentId: idOfParts(deployment), eventId: idOfParts(event), ...fitContent(content) };
}

/** The same for all but the ids. */
export function fitContent(draft: EventContent): MappedContent {
  const text = (value: string | undefined) => fitText(value ?? "", limits.textBytesMax);
  const set = <Value>(name: string, value: Value | undefined) =>
    value === undefined || value === "" ? {} : { [name]: value };
  const message = fitText(draft.message ?? "", limits.messageBytesMax);
  const dataBytesMax = Math.min(limits.dataBytesMax, limits.bodyBytesMax - bytesOf(message));
  return {
    type: draft.type,
    ...set("outcome", draft.outcome),
    ...set("severity", draft.severity),
    ...set("message", message),
    ...set("sendTime", draft.sendTime),
    ...set("source", fitUri(draft.source ?? "", limits.uriBytesMax)),
    ...set("actor", text(draft.actor)),
    ...set("environment", text(draft.environment)),
    ...set("service", text(draft.service)),
    ...set("revision", text(draft.revision)),
    ...set("commit", text(draft.commit)),
    ...set("commitTime", draft.commitTime),
    ...set("url", fitUri(draft.url ?? "", limits.uriBytesMax)),
    labels: fitLabels(draft.labels ?? {}),
    ...set("data", fitData(draft.data, dataBytesMax)),
  };
}

/** Keeps the first labels by name; leaves out those without a value or with a name that is too long, and cuts values. */
function fitLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  const fitting = Object.entries(labels)
    .map(([name, value]) => [name.toWellFormed(), fitText(value, limits.uriBytesMax)] as const)
    .filter(([name, value]) => value !== "" && name !== "" && name !== "__proto__")
    .filter(([name]) => fitText(name, limits.textBytesMax) === name)
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(fitting.slice(0, limits.labelsMax));
}
