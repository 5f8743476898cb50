import { Outcome } from "@activity-events/client";
import { protos } from "@google-cloud/cloudbuild";
import { expect, test } from "@jest/globals";
import {
  type MappedEvent,
  type Mapping,
  mapArgocdNotification,
  mapCloudBuild,
  mapCloudDeploy,
  mapGitlabListing,
  mapGitlabWebhook,
  type PayloadValue,
  parseProjectUrl,
} from "../src/index.ts";
import { argocd, cloudBuild, cloudDeploy, gitlabDeployment, gitlabListed, gitlabPipeline } from "./payloads.ts";

const eventsOf = (mapping: Mapping): readonly MappedEvent[] => (mapping.kind === "events" ? mapping.events : []);
const gitlab = (body: PayloadValue) => eventsOf(mapGitlabWebhook(body));

test.each([
  ["created", "deployment.queued", undefined],
  ["blocked", "approval.requested", undefined],
  ["running", "deployment.started", undefined],
  ["success", "deployment.finished", Outcome.SUCCESS],
  ["failed", "deployment.finished", Outcome.FAILURE],
  ["canceled", "deployment.finished", Outcome.CANCELED],
])("a deployment of GitLab that is %s is %s", (status, type, outcome) => {
  const [event] = gitlab({ ...gitlabDeployment, status });

  expect(event).toMatchObject({
    deploymentId: "gl:acme:web:shop:deployment:15",
    eventId: `status:${status}`,
    type,
    actor: "mira",
    environment: "staging",
    service: "shop",
    revision: "279484c0",
    commit: "279484c09fbe69ededfced8c1bb6e6d24616b468",
    url: "https://gitlab.example/acme/web/shop/-/jobs/796",
  });
  expect(event?.outcome).toBe(outcome);
});

test("a listing of GitLab makes the events of the webhooks, but for their times", () => {
  const timeless = ({ sendTime: _, ...event }: MappedEvent) => event;
  const webhooks = ["created", "running", "success"].flatMap((status) => gitlab({ ...gitlabDeployment, status }));

  expect(eventsOf(mapGitlabListing(gitlabListed)).map(timeless)).toEqual(webhooks.map(timeless));
});

test("a deployment of GitLab without a job needs the project", () => {
  const { deployable: _, ...item } = gitlabListed;

  expect(() => mapGitlabListing({ ...item, deployable: null })).toThrow(/--project-url/);
  expect(
    eventsOf(mapGitlabListing({ ...item, deployable: null }, parseProjectUrl("https://gitlab.example/acme/shop/"))),
  ).toMatchObject([
    { deploymentId: "gl:acme:shop:deployment:15", eventId: "status:created" },
    { eventId: "status:success" },
  ]);
});

const pipeline = (attributes: { readonly [name: string]: PayloadValue }) =>
  gitlab({ ...gitlabPipeline, object_attributes: { ...gitlabPipeline.object_attributes, ...attributes } });
const seconds = (text: string) => BigInt(Date.parse(text) / 1_000);

test("a pipeline of GitLab starts after its time in the queue, and ends when it says", () => {
  const [started] = pipeline({ status: "running", finished_at: null });
  const [finished] = pipeline({});

  expect(started).toMatchObject({
    deploymentId: "gl:acme:web:shop:pipeline:31",
    eventId: "status:running",
    environment: "staging",
  });
  expect(started?.sendTime).toMatchObject({ seconds: seconds("2016-08-12T15:23:38Z"), nanos: 500_000_000 });
  expect(finished).toMatchObject({
    type: "deployment.finished",
    outcome: Outcome.SUCCESS,
    revision: gitlabPipeline.object_attributes.sha,
  });
  expect(pipeline({ tag: true, ref: "v1.4.2" })).toMatchObject([{ revision: "v1.4.2" }]);
  expect(finished?.sendTime?.seconds).toBe(seconds("2016-08-12T15:26:29Z"));
});

test("a pipeline that runs again is told from its first run, and starts after its end", () => {
  const builds = [{ id: 382, created_at: "2016-08-12 16:00:00 UTC" }];
  const [again] = gitlab({
    ...gitlabPipeline,
    builds,
    object_attributes: { ...gitlabPipeline.object_attributes, status: "running" },
  });

  expect(again?.eventId).toBe("status:running:2016-08-12~2015~3A26~3A29~20UTC");
  expect(again?.sendTime?.seconds).toBe(seconds("2016-08-12T16:00:00Z"));
});

const argo = (operationState: object) => {
  const status = { operationState: { ...argocd.app.status.operationState, ...operationState } };
  return eventsOf(mapArgocdNotification({ ...argocd, app: { ...argocd.app, status } }));
};

test("a sync of Argo CD is one deployment from its start to its end", () => {
  const [started] = argo({
    phase: "Running",
    finishedAt: null,
    message: "waiting for completion of hook",
    syncResult: null,
  });
  const [finished] = argo({});

  expect(started?.deploymentId).toBe("argo:argocd:shop-eu:2026-11-22T11~3A00~3A00Z");
  expect(started).not.toHaveProperty("message");
  expect(finished).toMatchObject({
    deploymentId: started?.deploymentId,
    eventId: "succeeded",
    outcome: Outcome.SUCCESS,
    revision: "279484c09fbe69ededfced8c1bb6e6d24616b468",
    commit: "279484c09fbe69ededfced8c1bb6e6d24616b468",
    environment: "shop",
    service: "shop-eu",
    actor: "mira",
    url: "https://argocd.example/applications/argocd/shop-eu",
  });
});

test.each([
  [{ phase: "Failed" }, Outcome.FAILURE],
  [{ phase: "Failed", message: "Operation terminated" }, Outcome.CANCELED],
  [{ phase: "Error" }, Outcome.ERROR],
])("the end %j of a sync is the outcome %i", (operationState, outcome) => {
  expect(argo(operationState)).toMatchObject([{ type: "deployment.finished", outcome }]);
});

test("a sync of several sources has all revisions", () => {
  expect(argo({ syncResult: { revisions: ["aa11", "1.2.3"] } })).toMatchObject([{ revision: "aa11,1.2.3" }]);
  expect(argo({ phase: "Terminating" })).toEqual([]);
});

const push = (build: object) => ({ message: { data: Buffer.from(JSON.stringify(build)).toString("base64") } });

test.each([
  ["QUEUED", "deployment.queued", undefined, "createTime"],
  ["WORKING", "deployment.started", undefined, "startTime"],
  ["SUCCESS", "deployment.finished", Outcome.SUCCESS, "finishTime"],
  ["FAILURE", "deployment.finished", Outcome.FAILURE, "finishTime"],
  ["TIMEOUT", "deployment.finished", Outcome.FAILURE, "finishTime"],
  ["INTERNAL_ERROR", "deployment.finished", Outcome.ERROR, "finishTime"],
  ["EXPIRED", "deployment.finished", Outcome.ERROR, "finishTime"],
  ["CANCELLED", "deployment.finished", Outcome.CANCELED, "finishTime"],
] as const)("a build that is %s is %s", (status, type, outcome, time) => {
  const [event] = eventsOf(mapCloudBuild(push({ ...cloudBuild, status })));

  expect(event).toMatchObject({
    deploymentId: "cb:acme-prod:build:b1",
    eventId: `status:${status}`,
    type,
    environment: "production",
    service: "shop",
    revision: "279484c",
  });
  expect(event?.outcome).toBe(outcome);
  expect(event?.sendTime?.seconds).toBe(seconds(`${cloudBuild[time].slice(0, 19)}Z`));
});

test("every status that Google's library knows of a build has a meaning", () => {
  const { Status } = protos.google.devtools.cloudbuild.v1.Build;
  const statuses = Object.keys(Status).filter((name) => Number.isNaN(Number(name)) && name !== "STATUS_UNKNOWN");

  expect(statuses.length).toBeGreaterThan(7);
  for (const status of statuses) expect(eventsOf(mapCloudBuild(push({ ...cloudBuild, status })))).toHaveLength(1);
  expect(eventsOf(mapCloudBuild(push({ ...cloudBuild, status: "STATUS_UNKNOWN" })))).toEqual([]);
});

const deploy = (attributes: object, messageId = "2") =>
  eventsOf(
    mapCloudDeploy({
      message: { ...cloudDeploy.message, messageId, attributes: { ...cloudDeploy.message.attributes, ...attributes } },
    }),
  );

test.each([
  ["Rollout", "Create", ["deployment.queued"]],
  ["Rollout", "Start", ["deployment.started"]],
  ["Rollout", "Succeed", ["deployment.finished"]],
  ["Rollout", "Failure", ["deployment.finished"]],
  ["Rollout", "Cancelled", ["deployment.finished"]],
  ["JobRun", "Start", ["deployment.progress"]],
  ["JobRun", "Terminated", ["deployment.progress"]],
  ["Rollout", "Update", []],
  ["Release", "Start", []],
])("Cloud Deploy's %s %s is %j", (ResourceType, Action, types) => {
  const events = deploy({ ResourceType, Action });

  expect(events.map(({ type }) => type)).toEqual(types);
  for (const { deploymentId, environment, service, revision } of events) {
    expect(deploymentId).toBe("cd:1:europe-west1:shop:v1:v1-to-production-0001");
    expect([environment, service, revision]).toEqual(["production", "shop", "v1"]);
  }
});

test.each([
  ["Required", ["approval.requested"]],
  ["Approved", ["approval.granted"]],
  ["Rejected", ["approval.rejected", "deployment.finished"]],
])("Cloud Deploy's approval %s, which names its rollout and no resource, is %j", (Action, types) => {
  const { Resource: Rollout } = cloudDeploy.message.attributes;
  const attributes = { Action, Rollout, ReleaseId: "v1", RolloutId: "v1-to-production-0001", TargetId: "production" };

  const events = eventsOf(mapCloudDeploy({ message: { ...cloudDeploy.message, attributes } }));

  expect(events.map(({ type, deploymentId }) => [type, deploymentId])).toEqual(
    types.map((type) => [type, "cd:1:europe-west1:shop:v1:v1-to-production-0001"]),
  );
});

test("a rollout that runs again is told from its first run by the message, which a redelivery repeats", () => {
  const [first, repeated, again] = [deploy({}), deploy({}), deploy({}, "3")].map(([event]) => event?.eventId);

  expect(repeated).toBe(first);
  expect(again).not.toBe(first);
});
