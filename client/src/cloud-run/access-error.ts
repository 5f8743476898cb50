import { ActivityEventsError, type StatusName } from "../activity-events-error.ts";

/** Missing requirement of a call to a protected service: its address, a token, or the role to call it. */
export type Missing = "address" | "token" | "role";

const codes: Readonly<Record<Missing, StatusName>> = {
  address: "UNAVAILABLE",
  token: "UNAUTHENTICATED",
  role: "PERMISSION_DENIED",
};

/** A call that did not reach a service on Cloud Run. The message says what is missing and how to get it. */
export class AccessError extends ActivityEventsError {
  override readonly name = "AccessError";
  readonly missing: Missing;

  constructor(missing: Missing, message: string, options?: ErrorOptions) {
    super({ code: codes[missing], message }, options);
    this.missing = missing;
  }
}

/** Advice at the end of each message about missing credentials. */
export const credentialsHint =
  "On Google Cloud they come from the workload's service account; elsewhere run `gcloud auth application-default login --impersonate-service-account=ACCOUNT`, or name a credentials file in GOOGLE_APPLICATION_CREDENTIALS.";
