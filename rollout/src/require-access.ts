import { ActivityEventsClient, ActivityEventsError } from "@activity-events/client";
import type { Service } from "./control-plane.ts";
import { StoppedError } from "./failures.ts";
import { addressOf, callTimeMs } from "./service-address.ts";

const invoker = "roles/run.invoker on the service, for the account that rolls out";
const closed: Readonly<Record<string, string>> = {
  PERMISSION_DENIED: `Missing role: ${invoker}`,
  UNAUTHENTICATED: "No token to call the service with",
};

/**
 * Checks that this account may call the service. Throws `StoppedError` if not: a new revision would refuse it too, which
 * says nothing about the revision. Any other failure is ignored; the new revision may fix it.
 */
export async function requireAccess({ uri }: Service): Promise<void> {
  const client = new ActivityEventsClient(addressOf(uri ?? ""));
  try {
    await client.checkHealth("", { timeoutMs: callTimeMs });
  } catch (error) {
    const why = error instanceof ActivityEventsError ? closed[error.code] : undefined;
    if (why !== undefined) throw new StoppedError(`${why} (${(error as Error).message}).`, { cause: error });
  } finally {
    client.close();
  }
}
