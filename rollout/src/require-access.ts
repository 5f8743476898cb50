import { ActivityEventsClient, ActivityEventsError } from "@activity-events/client";
import type { Service } from "./control-plane.ts";
import { StoppedError } from "./failures.ts";
import { addressOf, callTimeMs } from "./service-address.ts";

const invoker = "roles/run.invoker on the service, for whoever rolls out";
const closed: Readonly<Record<string, string>> = {
  PERMISSION_DENIED: `A role is missing: ${invoker}`,
  UNAUTHENTICATED: "There is no token with which the service could be asked",
};

/**
 * Asks the service as it is for its health. Throws `StoppedError` when it does not let this account in: a new revision would
 * not either, and that is no sign of what it is like. Whether it answers otherwise does not matter; a new revision may mend it.
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
