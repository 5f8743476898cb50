import { Outcome, Severity } from "@activity-events/client";
import { expect, test } from "@jest/globals";
import {
  type MappedEvent,
  type Mapping,
  mapArgocdNotification,
  mapCloudBuild,
  mapCloudDeploy,
  mapGitlabWebhook,
} from "../src/index.ts";
import { finished } from "../src/meaning.ts";
import { argocd, cloudBuild, cloudDeploy, gitlabDeployment, gitlabPipeline } from "./payloads.ts";

test("an end that went wrong is an error, and no other is", () => {
  for (const outcome of [Outcome.FAILURE, Outcome.ERROR]) {
    expect(finished(outcome)).toEqual({ type: "deployment.finished", outcome, severity: Severity.ERROR });
  }
  for (const outcome of [Outcome.SUCCESS, Outcome.CANCELED]) {
    expect(finished(outcome)).toEqual({ type: "deployment.finished", outcome });
  }
});

const endOf = (mapping: Mapping): MappedEvent | undefined =>
  mapping.kind === "events" ? mapping.events.find(({ type }) => type === "deployment.finished") : undefined;

const build = (status: string) =>
  mapCloudBuild({ message: { data: Buffer.from(JSON.stringify({ ...cloudBuild, status })).toString("base64") } });
const rollout = (Action: string) =>
  mapCloudDeploy({
    message: { ...cloudDeploy.message, attributes: { ...cloudDeploy.message.attributes, Action } },
  });
const sync = (phase: string) => {
  const { operationState } = argocd.app.status;
  const status = { ...argocd.app.status, operationState: { ...operationState, phase } };
  return mapArgocdNotification({ ...argocd, app: { ...argocd.app, status } });
};
const pipeline = (status: string) =>
  mapGitlabWebhook({ ...gitlabPipeline, object_attributes: { ...gitlabPipeline.object_attributes, status } });

test.each([
  ["GitLab's deployment", (status: string) => mapGitlabWebhook({ ...gitlabDeployment, status }), "success", "failed"],
  ["GitLab's pipeline", pipeline, "success", "failed"],
  ["Argo CD's sync", sync, "Succeeded", "Failed"],
  ["Cloud Build's build", build, "SUCCESS", "FAILURE"],
  ["Cloud Deploy's rollout", rollout, "Succeed", "Failure"],
] as const)("%s says so, too", (_, map, good, bad) => {
  expect(endOf(map(good))?.outcome).toBe(Outcome.SUCCESS);
  expect(endOf(map(good))?.severity).toBeUndefined();
  expect(endOf(map(bad))).toMatchObject({ outcome: Outcome.FAILURE, severity: Severity.ERROR });
});
