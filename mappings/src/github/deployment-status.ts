import { Outcome } from "@activity-events/client";
import { fitEvent } from "../fit/fit-event.ts";
import type { MappedEvent } from "../mapping.ts";
import { finished, type Meaning } from "../meaning.ts";
import type { Fields } from "../payload/fields.ts";
import { deploymentParts, type Repository } from "./repository.ts";

/** States of GitHub and what they mean here. */
const meanings: ReadonlyMap<string, Meaning> = new Map([
  ["queued", { type: "deployment.queued" }],
  ["pending", { type: "deployment.queued" }],
  ["waiting", { type: "deployment.queued" }],
  ["in_progress", { type: "deployment.started" }],
  ["success", finished(Outcome.SUCCESS)],
  ["failure", finished(Outcome.FAILURE)],
  ["error", finished(Outcome.ERROR)],
  ["inactive", { type: "service.removed" }],
]);

/** A status and the deployment that it is of. */
export interface StatusOf {
  readonly status: Fields;
  readonly deploymentId: string;
  readonly repository: Repository;
}

/** Maps a status of a deployment, of a webhook or of a listing. Undefined for a state that has no meaning here. */
export function statusEvent({ status, deploymentId, repository }: StatusOf): MappedEvent | undefined {
  const state = status.text("state");
  const meaning = meanings.get(state);
  if (meaning === undefined) return undefined;
  return fitEvent({
    deployment: deploymentParts(repository, deploymentId),
    event: ["status", status.id("id")],
    ...meaning,
    sendTime: status.time("created_at"),
    message: status.decoration("description"),
    source: status.decoration("repository_url"),
    environment: status.decoration("environment"),
    service: repository.name,
    url: status.decoration("log_url") || status.decoration("target_url"),
    labels: {
      state,
      // No actor: who deploys is said by the deployment, and often a bot sets the statuses.
      creator: status.optionalObject("creator").decoration("login"),
      environment_url: status.decoration("environment_url"),
    },
  });
}
