import { ActivityEventsClient, ActivityEventsError } from "@activity-events/client";
import type { Service } from "./control-plane.ts";
import { StoppedError, UnreachedError } from "./failures.ts";
import { lastName } from "./resource-name.ts";
import { addressOf, callTimeMs } from "./service-address.ts";

const invoker = "roles/run.invoker on the service, for the account that rolls out";
const closed: Readonly<Record<string, string>> = {
  PERMISSION_DENIED: `Missing role: ${invoker}`,
  UNAUTHENTICATED: "No token to call the service with",
};

/**
 * Asks the service as it is for its health. Throws `StoppedError` when it does not let this account in: a new revision would
 * not either, and that is no sign of its quality. Throws `UnreachedError` when it does not answer in time, which leaves that
 * open. Any other answer will do; a new revision may mend it.
 */
export async function requireAccess({ name, uri }: Service): Promise<void> {
  const client = new ActivityEventsClient(addressOf(uri ?? ""));
  try {
    await client.checkHealth("", { timeoutMs: callTimeMs });
  } catch (error) {
    if (!(error instanceof ActivityEventsError)) throw error;
    const { code, message } = error;
    const why = closed[code];
    if (why !== undefined) throw new StoppedError(`${why} (${message}).`, { cause: error });
    if (code !== "DEADLINE_EXCEEDED") return;
    throw new UnreachedError(`${lastName(name)} did not answer (${message}).`, { cause: error });
  } finally {
    client.close();
  }
}
