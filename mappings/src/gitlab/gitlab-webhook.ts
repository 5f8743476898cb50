import { ignored, type Mapping, recorded } from "../mapping.ts";
import { Fields } from "../payload/fields.ts";
import type { PayloadValue } from "../payload/parse-payload.ts";
import { deploymentStatusEvent } from "./deployment.ts";
import { pipelineMapping } from "./pipeline.ts";
import { projectOf } from "./project.ts";

/** Maps a webhook of GitLab. Throws a MappingError. */
export function mapGitlabWebhook(body: PayloadValue): Mapping {
  const payload = new Fields(body);
  const kind = payload.text("object_kind");
  if (kind === "pipeline") return pipelineMapping(payload);
  if (kind !== "deployment") return ignored(`the event ${JSON.stringify(kind)}`);
  const status = payload.text("status");
  const event = deploymentStatusEvent({
    project: projectOf(payload),
    deploymentId: payload.id("deployment_id"),
    status,
    time: payload.time("status_changed_at"),
    environment: payload.decoration("environment"),
    // The whole commit is only in its address.
    commit: /\/commit\/([0-9a-f]+)$/.exec(payload.decoration("commit_url"))?.[1] ?? payload.decoration("short_sha"),
    user: payload.optionalObject("user").decoration("username"),
    jobId: payload.has("deployable_id") ? payload.id("deployable_id") : "",
  });
  return event === undefined ? ignored(`a deployment with the status ${JSON.stringify(status)}`) : recorded(event);
}
