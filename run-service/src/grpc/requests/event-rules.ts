import { Outcome } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { limits } from "../../limits.ts";

/** Rule of a text field of an event. */
export interface TextRule {
  /** Most UTF-8 bytes. */
  readonly bytesMax: number;
  /** Form of every non-empty text; an empty one is unset. */
  readonly isValid: (text: string) => boolean;
  /** Description of the form. */
  readonly form: string;
}

// Characters of RFC 3986.
const uriReference = /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*$/;
const traceParent = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Beginning of the types of the events that the service itself records. */
const ownTypes = "activityevents.";

const anyText = (bytesMax: number): TextRule => ({ bytesMax, isValid: () => true, form: "a text" });
const short = anyText(limits.stringBytesMax);
const uri: TextRule = {
  bytesMax: limits.uriBytesMax,
  isValid: (text) => uriReference.test(text),
  form: "a URI reference (RFC 3986)",
};

/** Rules of the texts of an event except its ids, by the field's name in the generated code. */
export const textRules = {
  message: anyText(limits.textBytesMax),
  type: {
    bytesMax: limits.stringBytesMax,
    isValid: (text) => !text.startsWith(ownTypes),
    form: `a type that does not begin with ${ownTypes}, as the service's own do`,
  },
  actor: short,
  environment: short,
  service: short,
  revision: short,
  commit: short,
  source: uri,
  url: uri,
  traceParent: {
    bytesMax: limits.stringBytesMax,
    isValid: (text) => traceParent.test(text),
    form: "a W3C traceparent such as 00-<32 hex>-<16 hex>-01",
  },
} as const satisfies Readonly<Record<string, TextRule>>;

/** Tells whether the event has a type or a message. */
export function saysSomething({ type, hasMessage }: { readonly type: string; readonly hasMessage: boolean }): boolean {
  return type !== "" || hasMessage;
}

/** Tells whether an event of this type carries the outcome; all others leave it unset. */
export function hasOutcome(type: string): boolean {
  return type === "deployment.finished";
}

/** Tells whether the outcome is set exactly if the type requires it. */
export function fitsType(outcome: Outcome, type: string): boolean {
  return hasOutcome(type) === (outcome !== Outcome.UNSPECIFIED);
}
