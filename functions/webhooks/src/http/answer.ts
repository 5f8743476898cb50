import { limits } from "../limits.ts";

/** Answer to a request; the body is sent as JSON. */
export interface Answer {
  readonly status: number;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers a fault of the request, with the field that caused it where there is one. */
export function faultAnswer(status: number, message: string, field = ""): Answer {
  return { status, body: { error: { message, ...(field === "" ? {} : { field }) } } };
}

/** Answers that the same request may succeed later. */
export function laterAnswer(message: string): Answer {
  return { ...faultAnswer(503, message), headers: { "retry-after": String(limits.retryAfterSeconds) } };
}

/** Answers that nothing was recorded, for good reason. */
export function ignoredAnswer(reason: string): Answer {
  return { status: 200, body: { ignored: reason } };
}

/** Answers a body that is too large. */
export function tooLargeAnswer(bytesMax: number): Answer {
  return faultAnswer(413, `the body is larger than ${bytesMax} bytes`);
}
