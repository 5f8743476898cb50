import type { status } from "@grpc/grpc-js";

/** The name of a gRPC status that is a failure, such as `NOT_FOUND`. */
export type StatusName = Exclude<keyof typeof status, "OK">;

/** One field of the request and what is wrong with it, of `google.rpc.BadRequest`. */
export interface FieldViolation {
  /** A path in the request, such as `events[3].outcome`. */
  readonly field: string;
  readonly description: string;
}

/** Details of an answer that is no success. */
export interface Refusal {
  readonly code: StatusName;
  readonly message: string;
  /** A name of the contract's `ErrorReason` without its prefix; absent when the service itself did not answer. */
  readonly reason?: string | undefined;
  /** Of the reason; see `error_reason.proto`. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly violations?: readonly FieldViolation[] | undefined;
  /** Delay that the server asks for before a retry, in milliseconds. */
  readonly retryDelayMs?: number | undefined;
}

/** A call that failed, whoever refused it: the service, a proxy, or this side for want of an answer. */
export class ActivityEventsError extends Error {
  override readonly name: string = "ActivityEventsError";
  readonly code: StatusName;
  readonly reason: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly violations: readonly FieldViolation[];
  readonly retryDelayMs: number | undefined;

  constructor(refusal: Refusal, options?: ErrorOptions) {
    super(refusal.message, options);
    this.code = refusal.code;
    this.reason = refusal.reason;
    this.metadata = refusal.metadata ?? {};
    this.violations = refusal.violations ?? [];
    this.retryDelayMs = refusal.retryDelayMs;
  }
}
