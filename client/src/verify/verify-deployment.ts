import type { Deployment } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import type { ActivityEventsClient } from "../activity-events-client.ts";
import type { Page } from "../calls/list-pages.ts";
import type { CallOptions } from "../calls/unary-call.ts";
import { DeploymentCheck } from "./deployment-check.ts";
import type { Fault } from "./fault.ts";
import type { HistoryHash } from "./history-hash.ts";
import { isStoreDamaged } from "./is-store-damaged.ts";
import { PageWatch } from "./page-watch.ts";

/** Deployment to verify, and callbacks. */
export interface VerifyOptions extends CallOptions {
  /** Head that an earlier call returned. */
  readonly head: Deployment;
  /** Hash from an earlier verification; the history must still lead to it. */
  readonly kept?: HistoryHash | undefined;
  /** Reads the events of a deleted deployment too, which needs the role admin. */
  readonly showDeleted?: boolean | undefined;
  readonly onFault: (fault: Fault) => void;
  /** Receives the number of events of each page. */
  readonly onEvents?: ((count: number) => void) | undefined;
}

/** Result of a verification, apart from its faults. */
export interface VerifiedDeployment {
  /** Number of faults beyond the reported ones. */
  readonly untold: number;
}

const pageSize = 1_000;

/**
 * Reads all events of a deployment, one page at a time, and checks them against each other, the head and the earlier hash.
 * It does not trust the service. Throws an `ActivityEventsError` if a call fails.
 */
export async function verifyDeployment(
  client: ActivityEventsClient,
  { head, kept, showDeleted = false, onFault, onEvents, ...call }: VerifyOptions,
): Promise<VerifiedDeployment> {
  const { deploymentId, headSequence } = head;
  const check = new DeploymentCheck({ head, kept, onFault });
  let pageToken = "";
  const readHead = () => client.getDeployment({ deploymentId, showDeleted }, call);
  let until = headSequence;
  /** Tells whether to read on; a growing deployment has no end. Reads up to a later head, once, for the reasons of events emptied meanwhile. */
  const goesOn = async () => {
    if (check.sequence > until && until === headSequence && check.lacksReasons) {
      until = (await readHead()).headSequence;
    }
    return check.sequence <= until;
  };
  const watch = new PageWatch();
  do {
    const request = { deploymentId, pageSize, pageToken, showDeleted };
    const before = check.sequence;
    const page = await client.readEncodedEvents(request, call).catch((error) => behindDamage(error, check));
    for (const encoded of page.items) check.take(encoded);
    onEvents?.(page.items.length);
    pageToken = page.nextPageToken;
    const problem = watch.problem(pageToken, check.sequence === before);
    if (problem === undefined) continue;
    check.breakOff(problem);
    break;
  } while (pageToken !== "" && (await goesOn()));
  if (check.sequence > headSequence) check.endWithHead(await readHead());
  check.end();
  return { untold: check.untold };
}

/** Continues after an event that the service cannot read. */
function behindDamage(error: unknown, check: DeploymentCheck): Page<Uint8Array> {
  if (!isStoreDamaged(error)) throw error;
  const { sequence = "", next_page_token: nextPageToken = "" } = error.metadata;
  const damaged = /^[1-9]\d{0,18}$/.test(sequence) ? BigInt(sequence) : check.sequence + 1n;
  check.passOver(damaged, "STORE_DAMAGED", error.message);
  return { items: [], nextPageToken };
}
