import { ignored, type Mapping, recorded } from "../mapping.ts";
import { Fields } from "../payload/fields.ts";
import type { PayloadValue } from "../payload/parse-payload.ts";
import { deploymentEvent } from "./deployment.ts";
import { statusEvent } from "./deployment-status.ts";
import { repositoryOf } from "./repository.ts";
import { type DeployingWorkflow, findWorkflow, runMapping } from "./workflow-run.ts";

/** What GitHub says beside the payload, and what the receiver knows. */
export interface GithubContext {
  /** Header `X-GitHub-Event`. */
  readonly eventName: string;
  readonly workflows: readonly DeployingWorkflow[];
}

/** Maps a webhook of GitHub. Throws a MappingError. */
export function mapGithubWebhook(body: PayloadValue, { eventName, workflows }: GithubContext): Mapping {
  const payload = new Fields(body);
  switch (eventName) {
    case "ping":
      return ignored("a ping: GitHub reaches this route");
    case "deployment":
      if (payload.text("action") !== "created") return ignored(`deployment ${payload.text("action")}`);
      return recorded(deploymentEvent(payload.object("deployment"), repositoryOf(payload)));
    case "deployment_status":
      if (payload.text("action") !== "created") return ignored(`deployment_status ${payload.text("action")}`);
      return statusMapping(payload);
    case "workflow_run": {
      const run = payload.object("workflow_run");
      const workflow = findWorkflow(run, workflows);
      if (workflow === undefined) return ignored("the workflow is none of WEBHOOKS_GITHUB_WORKFLOWS");
      return runMapping({ run, repository: repositoryOf(payload), environment: workflow.environment ?? "" });
    }
    default:
      return ignored(`the event ${JSON.stringify(eventName)}`);
  }
}

function statusMapping(payload: Fields): Mapping {
  const repository = repositoryOf(payload);
  const deployment = payload.object("deployment");
  const status = payload.object("deployment_status");
  const event = statusEvent({ status, deploymentId: deployment.id("id"), repository });
  if (event === undefined) return ignored(`a deployment_status with the state ${JSON.stringify(status.text("state"))}`);
  return recorded(deploymentEvent(deployment, repository), event);
}
