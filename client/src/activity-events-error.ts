import type { status } from "@grpc/grpc-js";

/** Name of a gRPC status other than OK, such as `NOT_FOUND`. */
export type StatusName = Exclude<keyof typeof status, "OK">;

/** An invalid field of a request, from `google.rpc.BadRequest`. */
export interface FieldViolation {
  /** Path in the request, such as `events[3].outcome`. */
  readonly field: string;
  readonly description: string;
}

/** Details of a failed call. */
export interface Refusal {
  readonly code: StatusName;
  readonly message: string;
  /** Name in the contract's `ErrorReason` without the prefix; absent if the service itself did not answer. */
  readonly reason?: string | undefined;
  /** Metadata of the reason; see `error_reason.proto`. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly violations?: readonly FieldViolation[] | undefined;
  /** Delay before a retry that the server asks for, in ms. */
  readonly retryDelayMs?: number | undefined;
}

/** A failed call, refused by the service, a proxy or this client. */
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
