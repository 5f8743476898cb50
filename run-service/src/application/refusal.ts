import type { StoreFaultReason } from "@activity-events/event-store";

/** Reason of a refusal, by its name in the contract's ErrorReason. */
export type RefusalReason =
  | StoreFaultReason
  | "REQUEST_INVALID"
  | "REQUEST_UNREADABLE"
  | "REQUEST_TOO_LARGE"
  | "METHOD_UNKNOWN"
  | "PAGE_TOKEN_INVALID"
  | "DEPLOYMENT_NOT_FOUND"
  | "EVENT_NOT_FOUND"
  | "EVENT_ID_CONFLICT"
  | "SEQUENCE_MISMATCH"
  | "CURSOR_AHEAD"
  | "TOO_MANY_STREAMS"
  | "TOO_MANY_UNREAD"
  | "TOO_MANY_BYTES"
  | "REQUEST_NOT_RECEIVED"
  | "DRAINING"
  | "SERVICE_UNKNOWN"
  | "INTERNAL_FAULT"
  | "CREDENTIALS_MISSING"
  | "CREDENTIALS_INVALID"
  | "KEYS_UNAVAILABLE"
  | "PERMISSION_DENIED"
  | "SHARE_EXHAUSTED"
  | "DEPLOYMENT_DELETED"
  | "DEPLOYMENT_PURGED"
  | "MIRROR_BEHIND"
  | "OLDER_INSTANCES";

/** A field of a request that breaks a rule. */
export interface Violation {
  /** Path in the request, such as `events[3].labels["team"]`. */
  readonly field: string;
  /** The expected and the found value. */
  readonly description: string;
}

/** Status of a refusal in place of its reason's own. */
export type AnsweredStatus = "UNAVAILABLE" | "NOT_FOUND";

interface RefusalOptions {
  readonly metadata?: Readonly<Record<string, string>>;
  readonly violations?: readonly Violation[];
  /** Delay before a retry, in ms. */
  readonly retryDelayMs?: number;
  /**
   * Answers this instead of the reason's own status: UNAVAILABLE where the caller may continue where the stream ended, NOT_FOUND where a
   * read finds nothing more.
   */
  readonly answersWith?: AnsweredStatus;
  readonly cause?: unknown;
}

/** A refusal: the part for the caller, and a cause for the log only. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly reason: RefusalReason;
  readonly metadata: Readonly<Record<string, string>>;
  readonly violations: readonly Violation[];
  readonly retryDelayMs: number | undefined;
  readonly answersWith: AnsweredStatus | undefined;

  constructor(reason: RefusalReason, message: string, options: RefusalOptions = {}) {
    super(message, { cause: options.cause });
    this.reason = reason;
    this.metadata = options.metadata ?? {};
    this.violations = options.violations ?? [];
    this.retryDelayMs = options.retryDelayMs;
    this.answersWith = options.answersWith;
  }
}
