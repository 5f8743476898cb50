import type { Answer } from "../http/answer.ts";
import { faultAnswer, ignoredAnswer } from "../http/answer.ts";
import type { Route } from "../routes/route.ts";
import type { Recorded } from "./record-events.ts";
import type { RecordedMappings } from "./record-mappings.ts";

/** What is answered of an event. */
interface EventAnswer {
  readonly deploymentId: string;
  readonly eventId: string;
  /** Decimal, as in proto JSON. */
  readonly sequence?: string;
  readonly duplicate?: boolean;
  /** Why it was not recorded. */
  readonly refused?: { readonly reason: string; readonly message: string; readonly field?: string };
}

/** Answers what became of the events of a request, and of the notifications that were ignored or could not be read. */
export function recordedAnswer(
  { recorded, ignored, unread }: RecordedMappings,
  { onConflict }: Pick<Route, "onConflict">,
): Answer {
  const told = recorded.filter((each) => !isPassed(each, onConflict));
  const [fault] = unread;
  if (fault !== undefined) {
    const others = unread.length === 1 ? "" : ` (and ${unread.length - 1} more)`;
    const { status, body } = faultAnswer(400, `${fault.message}${others}`, fault.field);
    return { status, body: { ...body, events: told.map(eventAnswer) } };
  }
  if (recorded.length === 0) return ignoredAnswer(ignored.join("; "));
  if (told.length === 0) return ignoredAnswer([...ignored, ...recorded.map(reasonOf)].join("; "));
  const events = told.map(eventAnswer);
  const refused = told.find((each) => each.kind === "refused");
  if (refused !== undefined) {
    const { code, message, violations } = refused.error;
    const field = violations[0]?.field;
    const error = { message, ...(field === undefined ? {} : { field }) };
    return { status: code === "INVALID_ARGUMENT" ? 400 : 409, body: { error, events } };
  }
  const isNew = told.some((each) => each.kind === "stored" && !each.duplicate);
  const rest = ignored.length === 0 ? {} : { ignored: ignored.join("; ") };
  return { status: isNew ? 201 : 200, body: { events, ...rest } };
}

/** Tells whether a refusal is none for the sender: the deployment is gone, or the event is there in other words. */
function isPassed(recorded: Recorded, onConflict: Route["onConflict"]): boolean {
  if (recorded.kind === "stored") return false;
  const { reason } = recorded.error;
  return reason === "DEPLOYMENT_PURGED" || (reason === "EVENT_ID_CONFLICT" && onConflict === "first");
}

function reasonOf(recorded: Recorded): string {
  return recorded.kind === "refused"
    ? `${recorded.event.eventId}: ${recorded.error.reason ?? recorded.error.code}`
    : "";
}

function eventAnswer(recorded: Recorded): EventAnswer {
  const { deploymentId, eventId } = recorded.event;
  if (recorded.kind === "stored") {
    return { deploymentId, eventId, sequence: String(recorded.sequence), duplicate: recorded.duplicate };
  }
  const { reason, code, message, violations } = recorded.error;
  const field = violations[0]?.field;
  return {
    deploymentId,
    eventId,
    refused: { reason: reason ?? code, message, ...(field === undefined ? {} : { field }) },
  };
}
