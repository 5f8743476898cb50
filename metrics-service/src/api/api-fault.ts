import { ActivityEventsError, type StatusName } from "@activity-events/client";

/** HTTP statuses of gRPC's. Source: google.rpc.Code. Others are 500. */
const httpStatuses: Partial<Readonly<Record<StatusName, number>>> = {
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 400,
  OUT_OF_RANGE: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  RESOURCE_EXHAUSTED: 429,
  UNIMPLEMENTED: 501,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
};

/** A request that is answered with an error, as JSON. */
export class ApiFault extends Error {
  override readonly name = "ApiFault";
  readonly status: StatusName;

  constructor(status: StatusName, message: string) {
    super(message);
    this.status = status;
  }

  get httpStatus(): number {
    return httpStatuses[this.status] ?? 500;
  }
}

/** Converts what a request threw. */
export function faultOf(error: unknown): ApiFault {
  if (error instanceof ApiFault) return error;
  if (error instanceof ActivityEventsError) return new ApiFault(error.code, error.message);
  // The log has the cause.
  return new ApiFault("INTERNAL", "the request failed");
}
