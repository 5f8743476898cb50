import { ActivityEventsError } from "@activity-events/client";
import { isStoreDamaged } from "@activity-events/client/internal";
import type { Deployment } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import { comparePlaces } from "./checkpoint-entry.ts";
import type { HeadReader } from "./head-reader.ts";
import { damagedHead, type ListedHead } from "./listed-heads.ts";
import { placeOf } from "./match-checkpoint.ts";

/** Heads of the requested deployments. */
export interface NamedHeads {
  /** Damaged deployments, then the others in the order of ListDeployments. */
  readonly listed: readonly ListedHead[];
  /** Errors of the deployments that were not found, by id. */
  readonly missing: Map<string, ActivityEventsError>;
}

/** Reads the heads of the given deployments, one by one. */
export async function namedHeads(reader: HeadReader, ids: Iterable<string>): Promise<NamedHeads> {
  const heads: Deployment[] = [];
  const damaged: ListedHead[] = [];
  const missing = new Map<string, ActivityEventsError>();
  for (const deploymentId of ids) {
    try {
      heads.push(await reader.head(deploymentId));
    } catch (error) {
      if (isStoreDamaged(error)) damaged.push(damagedHead(error, deploymentId, false));
      else if (error instanceof ActivityEventsError && error.code === "NOT_FOUND") missing.set(deploymentId, error);
      else throw error;
    }
  }
  heads.sort((one, other) => comparePlaces(placeOf(one), placeOf(other)));
  return { listed: [...damaged, ...heads.map((head): ListedHead => ({ kind: "head", head }))], missing };
}
