import { Outcome } from "@activity-events/client";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { fitEvent } from "../fit/fit-event.ts";
import type { MappedEvent } from "../mapping.ts";
import { finished, type Meaning } from "../meaning.ts";
import { gitlabDeploymentParts, type Project, serviceOf } from "./project.ts";

/** Statuses of a deployment of GitLab and what they mean here. */
const meanings: ReadonlyMap<string, Meaning> = new Map([
  ["created", { type: "deployment.queued" }],
  ["blocked", { type: "approval.requested" }],
  ["running", { type: "deployment.started" }],
  ["success", finished(Outcome.SUCCESS)],
  ["failed", finished(Outcome.FAILURE)],
  ["canceled", finished(Outcome.CANCELED)],
  ["skipped", finished(Outcome.CANCELED)],
]);

/** What webhooks and listings both say of a deployment in a status. */
export interface DeploymentStatus {
  readonly project: Project;
  readonly deploymentId: string;
  readonly status: string;
  readonly time: Timestamp | undefined;
  readonly environment: string;
  readonly commit: string;
  readonly user: string;
  /** Id of the job that deploys; empty if there is none. */
  readonly jobId: string;
}

/** Maps a status of a deployment; undefined for one that has no meaning here. Each status occurs once in a deployment. */
export function deploymentStatusEvent(said: DeploymentStatus): MappedEvent | undefined {
  const meaning = meanings.get(said.status);
  if (meaning === undefined) return undefined;
  const { project, jobId } = said;
  return fitEvent({
    deployment: gitlabDeploymentParts(project, said.deploymentId),
    event: ["status", said.status],
    ...meaning,
    sendTime: said.time,
    source: project.url,
    actor: said.user,
    environment: said.environment,
    service: serviceOf(project),
    revision: said.commit.slice(0, shortCommitCharacters),
    commit: said.commit,
    url: jobId === "" || project.url === "" ? "" : `${project.url}/-/jobs/${jobId}`,
    labels: { status: said.status },
  });
}

/** Characters of a commit that GitLab shows. */
const shortCommitCharacters = 8;
