import { createRequire } from "node:module";
import {
  type Mapping,
  mapAlertmanager,
  mapArgocdNotification,
  mapCloudBuild,
  mapCloudDeploy,
  mapCloudEvent,
  mapCloudMonitoring,
  mapGithubListing,
  mapGithubWebhook,
  mapGitlabListing,
  mapGitlabWebhook,
  type PayloadValue,
  parseCloudEvents,
  parsePayload,
} from "../src/index.ts";

/** JSON as `JSON.parse` makes it. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** A payload of a sender, and how it is mapped. */
export interface Sample {
  readonly name: string;
  readonly payload: Json;
  /** Maps the text of the payload. */
  readonly map: (text: string) => readonly Mapping[];
}

interface Example {
  readonly name: string;
  readonly examples: Json[];
}

const examples: readonly Example[] = createRequire(import.meta.url)(
  "@octokit/webhooks-examples/api.github.com/index.json",
);
const workflows = [
  { name: "Deploy" },
  { name: "Manually triggered workflow" },
  { name: "test.yml", environment: "production" },
];

/** Examples that Octokit keeps of a webhook of GitHub. */
export function githubExamples(eventName: string): readonly Json[] {
  return examples.find(({ name }) => name === eventName)?.examples ?? [];
}

// Names that mappings read, and few others: most of a webhook is links.
const readNames =
  /^(action|deployment|deployment_status|workflow_run|repository|creator|actor|triggering_actor|payload|id|state|sha|ref|task|environment|original_environment|description|login|created_at|repository_url|log_url|target_url|environment_url|full_name|status|conclusion|run_attempt|run_started_at|updated_at|name|path|head_branch|head_sha|html_url|event)$/;

function readPart(value: Json): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).filter(([name]) => readNames.test(name));
  return Object.fromEntries(entries.map(([name, item]) => [name, readPart(item)]));
}

function github(eventName: string): Sample[] {
  return githubExamples(eventName).map((payload, index) => ({
    name: `github ${eventName} ${index}`,
    payload: readPart(payload),
    map: (text) => [mapGithubWebhook(parsePayload(text), { eventName, workflows })],
  }));
}

function json(name: string, payload: Json, map: (value: PayloadValue) => Mapping): Sample {
  return { name, payload, map: (text) => [map(parsePayload(text))] };
}

/** A payload in the data of a message that Pub/Sub pushes. */
function pushed(name: string, payload: Json, map: (value: PayloadValue) => Mapping): Sample {
  const wrap = (text: string) => ({ message: { messageId: "1", data: Buffer.from(text).toString("base64") } });
  return { name, payload, map: (text) => [map(wrap(text))] };
}

function cloudEvent(name: string, payload: Json): Sample {
  const headers = { "content-type": "application/cloudevents+json" };
  return { name, payload, map: (text) => parseCloudEvents({ headers, body: Buffer.from(text) }).map(mapCloudEvent) };
}

const gitlabProject = { id: 30, path_with_namespace: "acme/web/shop", web_url: "https://gitlab.example/acme/web/shop" };
const commit = "279484c09fbe69ededfced8c1bb6e6d24616b468";

export const gitlabDeployment = {
  object_kind: "deployment",
  status: "success",
  status_changed_at: "2021-04-28 21:50:00 +0200",
  deployment_id: 15,
  deployable_id: 796,
  deployable_url: "https://gitlab.example/acme/web/shop/-/jobs/796",
  environment: "staging",
  project: gitlabProject,
  short_sha: "279484c0",
  user: { id: 1, name: "Mira", username: "mira" },
  commit_url: `https://gitlab.example/acme/web/shop/-/commit/${commit}`,
  commit_title: "Add new file",
};

export const gitlabPipeline = {
  object_kind: "pipeline",
  object_attributes: {
    id: 31,
    iid: 3,
    name: "Deploy",
    ref: "main",
    sha: commit,
    status: "success",
    created_at: "2016-08-12 15:23:28 UTC",
    finished_at: "2016-08-12 15:26:29 UTC",
    duration: 63,
    queued_duration: 10.5,
  },
  user: { username: "mira" },
  project: gitlabProject,
  builds: [
    { id: 380, status: "success", started_at: "2016-08-12 15:24:00 UTC", environment: null },
    {
      id: 381,
      status: "success",
      created_at: "2016-08-12 15:23:28 UTC",
      environment: { name: "staging", action: "start" },
    },
  ],
};

export const gitlabListed = {
  id: 15,
  iid: 2,
  ref: "main",
  sha: commit,
  created_at: "2021-04-28T19:40:00.000Z",
  updated_at: "2021-04-28T19:50:01.000Z",
  status: "success",
  user: { id: 1, username: "mira" },
  environment: { id: 9, name: "staging", external_url: "https://staging.example" },
  deployable: {
    id: 796,
    status: "success",
    started_at: "2021-04-28T19:45:00.000Z",
    finished_at: "2021-04-28T19:50:00.000Z",
    pipeline: { id: 36, web_url: "https://gitlab.example/acme/web/shop/-/pipelines/36" },
  },
};

export const argocd = {
  app: {
    metadata: { name: "shop-eu", namespace: "argocd" },
    spec: { project: "default", destination: { namespace: "shop" } },
    status: {
      operationState: {
        phase: "Succeeded",
        startedAt: "2026-11-22T11:00:00Z",
        finishedAt: "2026-11-22T11:02:13Z",
        message: "successfully synced (all tasks run)",
        operation: { initiatedBy: { username: "mira" } },
        syncResult: { revision: commit },
      },
    },
  },
  context: { argocdUrl: "https://argocd.example" },
};

export const cloudBuild = {
  id: "b1",
  projectId: "acme-prod",
  status: "SUCCESS",
  createTime: "2026-11-28T10:00:00Z",
  startTime: "2026-11-28T10:00:05.5Z",
  finishTime: "2026-11-28T10:04:00.123456789Z",
  logUrl: "https://console.cloud.google.com/cloud-build/builds/b1?project=1",
  statusDetail: "",
  substitutions: { REPO_NAME: "shop", COMMIT_SHA: commit, SHORT_SHA: "279484c", _ENVIRONMENT: "production" },
};

export const cloudDeploy = {
  message: {
    messageId: "2",
    publishTime: "2026-11-28T10:00:00.25Z",
    attributes: {
      Action: "Succeed",
      ResourceType: "Rollout",
      TargetId: "production",
      Resource: "projects/1/locations/europe-west1/deliveryPipelines/shop/releases/v1/rollouts/v1-to-production-0001",
    },
  },
  subscription: "projects/acme-prod/subscriptions/s",
};

export const alertmanager = {
  version: "4",
  status: "resolved",
  alerts: [
    {
      status: "resolved",
      fingerprint: "c0ffee",
      startsAt: "2026-11-20T10:00:00.123Z",
      endsAt: "2026-11-20T10:05:00Z",
      labels: { alertname: "Errors", service: "shop", environment: "production", über: "✨" },
      annotations: { summary: "value 7" },
    },
  ],
};

export const cloudMonitoring = {
  version: "1.2",
  incident: {
    incident_id: "0.abc",
    state: "closed",
    started_at: 1_795_867_200,
    ended_at: 1_795_867_260,
    url: "https://console.cloud.google.com/monitoring/alerting/incidents/0.abc",
    policy_name: "Errors of shop",
    condition_name: "5xx",
    policy_user_labels: { service: "shop", environment: "production" },
  },
};

export const ownCloudEvent = {
  specversion: "1.0",
  id: "1",
  source: "/ci/shop",
  type: "deployment.finished",
  subject: "shop-42",
  time: "2026-11-28T10:00:00Z",
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  data: {
    outcome: "SUCCESS",
    severity: "NOTICE",
    message: "done",
    environment: "production",
    service: "shop",
    url: "https://ci.example/1",
    labels: { wave: "1" },
    data: { took: 5 },
  },
};

export const cdEvent = (kind: string, subject: Json) => ({
  specversion: "1.0",
  id: "ce-1",
  source: "/ci",
  type: `dev.cdevents.${kind}.0.3.0`,
  data: {
    context: {
      specversion: "0.5.0",
      id: "5b1b6e5e",
      source: "/ci/acme",
      type: `dev.cdevents.${kind}.0.3.0`,
      timestamp: "2026-11-23T08:00:00.123456789Z",
    },
    subject,
  },
});

const listedStatus = {
  url: "https://api.github.com/repos/acme/shop/deployments/1/statuses/7",
  id: 7,
  state: "success",
  creator: { login: "mira" },
  created_at: "2026-11-20T09:00:00Z",
  environment: "production",
  deployment_url: "https://api.github.com/repos/acme/shop/deployments/1",
};

/** A payload of each kind. */
export const samples: readonly Sample[] = [
  ...["deployment", "deployment_status", "workflow_run", "ping"].flatMap(github),
  json("github listing", listedStatus, mapGithubListing),
  json("gitlab deployment", gitlabDeployment, mapGitlabWebhook),
  json("gitlab pipeline", gitlabPipeline, mapGitlabWebhook),
  json("gitlab listing", gitlabListed, mapGitlabListing),
  json("argocd", argocd, mapArgocdNotification),
  pushed("cloud-build", cloudBuild, mapCloudBuild),
  json("cloud-deploy", cloudDeploy, mapCloudDeploy),
  json("alertmanager", alertmanager, mapAlertmanager),
  pushed("cloud-monitoring", cloudMonitoring, mapCloudMonitoring),
  cloudEvent("cloudevents own", ownCloudEvent),
  cloudEvent("cloudevents foreign", { ...ownCloudEvent, type: "com.example.thing", data: { any: [1, 2.5, "x"] } }),
  cloudEvent(
    "cdevents run",
    cdEvent("pipelinerun.finished", {
      id: "run/77",
      content: { outcome: "error", errors: "stage failed", pipelineName: "shop" },
    }),
  ),
  cloudEvent(
    "cdevents service",
    cdEvent("service.deployed", {
      id: "service/shop",
      content: { environment: { id: "production" }, artifactId: "pkg:oci/shop" },
    }),
  ),
  cloudEvent(
    "cdevents incident",
    cdEvent("incident.detected", {
      id: "incident-9",
      content: { environment: { id: "production" }, service: { id: "service/shop" }, description: "p95 > 2 s" },
    }),
  ),
];
