import { fitEvent } from "../fit/fit-event.ts";
import type { MappedEvent } from "../mapping.ts";
import type { Fields } from "../payload/fields.ts";
import { deploymentParts, type Repository } from "./repository.ts";

/**
 * Maps a deployment, of a webhook or of a listing, to the event of its creation. It alone has what a status does not repeat:
 * revision, commit and who deploys. Only what never changes is read, so that all webhooks and listings make the same event.
 */
export function deploymentEvent(deployment: Fields, repository: Repository): MappedEvent {
  const createTime = deployment.time("created_at");
  return fitEvent({
    deployment: deploymentParts(repository, deployment.id("id")),
    // Without a time it would count as the latest thing that happened, so it may not queue the deployment.
    event: [createTime === undefined ? "described" : "created"],
    type: createTime === undefined ? "deployment.created" : "deployment.queued",
    sendTime: createTime,
    message: deployment.decoration("description"),
    source: deployment.decoration("repository_url"),
    actor: deployment.optionalObject("creator").decoration("login"),
    environment: deployment.decoration("original_environment") || deployment.decoration("environment"),
    service: repository.name,
    revision: deployment.decoration("ref"),
    commit: deployment.decoration("sha"),
    labels: { task: deployment.decoration("task") },
    data: deployment.value("payload"),
  });
}
