import { ignored, type Mapping, recorded } from "../mapping.ts";
import { MappingError } from "../mapping-error.ts";
import { Fields } from "../payload/fields.ts";
import type { PayloadValue } from "../payload/parse-payload.ts";
import { deploymentEvent } from "./deployment.ts";
import { statusEvent } from "./deployment-status.ts";
import { repositoryOfUrl } from "./repository.ts";
import { runMapping } from "./workflow-run.ts";

/**
 * Maps an item of a listing of GitHub's API: a deployment, a status of a deployment, or a run of a workflow, to the events of their
 * webhooks. `environment` is that of runs, which do not say theirs. Throws a MappingError.
 */
export function mapGithubListing(value: PayloadValue, environment = ""): Mapping {
  const item = new Fields(value);
  if (item.has("deployment_url")) {
    const repository = repositoryOfUrl(item, "deployment_url");
    const deploymentId = /\/deployments\/(\d+)$/.exec(item.text("deployment_url"))?.[1];
    if (deploymentId === undefined) throw new MappingError("deployment_url", "must end with a deployment's id");
    const event = statusEvent({ status: item, deploymentId, repository });
    return event === undefined ? ignored(`the state ${JSON.stringify(item.text("state"))}`) : recorded(event);
  }
  if (item.has("statuses_url") && item.has("task")) {
    return recorded(deploymentEvent(item, repositoryOfUrl(item, "url")));
  }
  if (item.has("run_number")) {
    return runMapping({ run: item, repository: repositoryOfUrl(item, "url"), environment });
  }
  throw new MappingError("", "is no deployment, status of a deployment or run of a workflow of GitHub's API");
}
