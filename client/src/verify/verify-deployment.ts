import type { Deployment } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import type { ActivityEventsClient } from "../activity-events-client.ts";
import { ActivityEventsError } from "../activity-events-error.ts";
import { limits } from "../limits.ts";
import type { Page } from "../list-pages.ts";
import type { CallOptions } from "../unary-call.ts";
import { DeploymentCheck } from "./deployment-check.ts";
import type { Fault } from "./fault.ts";
import type { HistoryHash } from "./history-hash.ts";

/** What is verified, and who is told of it. */
export interface VerifyOptions extends CallOptions {
  /** Of a call before this one. */
  readonly head: Deployment;
  /** A history hash that was kept before: the history must still lead to it. */
  readonly kept?: HistoryHash | undefined;
  readonly onFault: (fault: Fault) => void;
  /** Is told how many events each page brought. */
  readonly onEvents?: ((count: number) => void) | undefined;
}

/** What came of a verification, apart from its faults. */
export interface VerifiedDeployment {
  /** Faults that were too many to be told. */
  readonly untold: number;
}

const pageSize = 1_000;

/**
 * Reads all events of a deployment and holds them to each other, to the head and to what was kept: a page at a time,
 * however long the history is. It trusts nothing that the service says of itself. Fails with `ActivityEventsError` where the
 * service cannot be asked.
 */
export async function verifyDeployment(
  client: ActivityEventsClient,
  { head, kept, onFault, onEvents, ...call }: VerifyOptions,
): Promise<VerifiedDeployment> {
  const { deploymentId, headSequence } = head;
  const check = new DeploymentCheck({ head, kept, onFault });
  let pageToken = "";
  let idlePages = 0;
  do {
    const request = { deploymentId, pageSize, pageToken };
    const before = check.sequence;
    const page = await client.readEncodedEvents(request, call).catch((error) => behindDamage(error, check));
    for (const encoded of page.items) check.take(encoded);
    onEvents?.(page.items.length);
    idlePages = check.sequence === before ? idlePages + 1 : 0;
    if (idlePages > limits.verifyIdlePagesMax) throw endlessList(deploymentId);
    pageToken = page.nextPageToken;
    // The events behind the head are read as far as they come with it; a deployment that grows has no end.
  } while (pageToken !== "" && check.sequence <= headSequence);
  if (check.sequence > headSequence) {
    check.endWithHead(await client.getDeployment({ deploymentId }, call));
  }
  check.end();
  return { untold: check.untold };
}

/** The way on behind an event that the service cannot read. */
function behindDamage(error: unknown, check: DeploymentCheck): Page<Uint8Array> {
  if (!(error instanceof ActivityEventsError) || error.reason !== "STORE_DAMAGED") throw error;
  const { sequence = "", next_page_token: nextPageToken = "" } = error.metadata;
  const damaged = /^[1-9]\d{0,18}$/.test(sequence) ? BigInt(sequence) : check.sequence + 1n;
  check.passOver(damaged, "STORE_DAMAGED", error.message);
  return { items: [], nextPageToken };
}

function endlessList(deploymentId: string): ActivityEventsError {
  const message = `The service goes on sending pages without another event of ${deploymentId}.`;
  return new ActivityEventsError({ code: "INTERNAL", message });
}
