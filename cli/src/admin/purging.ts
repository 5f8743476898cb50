import type { DeploymentState, Outcome } from "@activity-events/client";
import { PurgeDeploymentResponseSchema } from "@activity-events/proto/activityevents/v1/activity_events_admin_service_pb.js";
import { jsonLine } from "../output/json-line.ts";
import type { CommandContext } from "../program/command-context.ts";
import type { EditEachOptions, Edited } from "./edit-each.ts";

/** Flags of `purge`. */
export interface PurgeFlags {
  readonly deploymentId?: readonly string[];
  readonly all?: true;
  readonly environment?: string;
  readonly service?: string;
  readonly state?: DeploymentState;
  readonly outcome?: Outcome;
  readonly prefix?: string;
  readonly store?: string;
  readonly reason?: string;
  readonly force?: boolean;
  readonly olderInstances: boolean;
  readonly dryRun?: boolean;
  readonly yes?: true;
}

/** Makes the purge of each deployment, or its dry run. */
export function purging(
  { admin, purgeTimeoutMs: timeoutMs }: CommandContext,
  ids: readonly string[],
  { reason = "", force = false, olderInstances }: PurgeFlags,
  dryRun: boolean,
): EditEachOptions {
  const given = { reason, force, noOlderInstances: !olderInstances, dryRun };
  const edit = async (deploymentId: string, signal: AbortSignal): Promise<Edited> => {
    const answer = await admin().admin.purgeDeployment({ deploymentId, ...given }, { timeoutMs, signal });
    const done = dryRun ? "would be purged" : "purged";
    const result = answer.alreadyPurged ? "was purged before" : done;
    const isUnchanged = answer.alreadyPurged;
    return {
      deploymentId,
      events: answer.eventsPurged,
      result,
      isUnchanged,
      json: jsonLine(PurgeDeploymentResponseSchema, answer),
    };
  };
  return { ids, done: dryRun ? "looked at" : "purged", edit, isInSteps: !dryRun };
}
