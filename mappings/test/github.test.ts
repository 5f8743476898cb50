import { Outcome } from "@activity-events/client";
import { expect, test } from "@jest/globals";
import {
  type MappedEvent,
  MappingError,
  mapGithubListing,
  mapGithubWebhook,
  type PayloadValue,
  parsePayload,
} from "../src/index.ts";
import { githubExamples } from "./payloads.ts";

const deployment = {
  url: "https://api.github.com/repos/Acme/Shop.js/deployments/9007199254740993",
  id: "ID",
  sha: "0f1e2d3c4b5a69788796a5b4c3d2e1f001234567",
  ref: "v1.4.2",
  task: "deploy",
  payload: { ticket: 7 },
  environment: "production",
  original_environment: "production",
  description: "Weekly",
  creator: { login: "mira" },
  created_at: "2026-11-20T08:59:00Z",
  statuses_url: "https://api.github.com/repos/Acme/Shop.js/deployments/9007199254740993/statuses",
  repository_url: "https://api.github.com/repos/Acme/Shop.js",
};
const status = (state: string) => ({
  id: 7,
  state,
  description: `it is ${state}`,
  environment: "production",
  log_url: "https://ci.example/1",
  creator: { login: "deploy-bot[bot]" },
  created_at: "2026-11-20T09:00:00+01:00",
  repository_url: "https://api.github.com/repos/Acme/Shop.js",
  deployment_url: "https://api.github.com/repos/Acme/Shop.js/deployments/9007199254740993",
});
const repository = { full_name: "Acme/Shop.js" };
const exactly = (value: unknown) => parsePayload(JSON.stringify(value).replaceAll('"ID"', "9007199254740993"));

function eventsOf(mapping: ReturnType<typeof mapGithubWebhook>): readonly MappedEvent[] {
  return mapping.kind === "events" ? mapping.events : [];
}
const webhook = (
  eventName: string,
  body: object,
  workflows: { readonly name: string; readonly environment?: string }[] = [],
) => eventsOf(mapGithubWebhook(exactly({ action: "created", repository, ...body }), { eventName, workflows }));

test("a deployment is queued, with all that its statuses do not say, under an id with all of its digits", () => {
  expect(webhook("deployment", { deployment })).toEqual([
    {
      deploymentId: "gh:Acme:Shop.js:deployment:9007199254740993",
      eventId: "created",
      type: "deployment.queued",
      sendTime: expect.objectContaining({ seconds: BigInt(Date.parse("2026-11-20T08:59:00Z") / 1_000) }),
      message: "Weekly",
      source: "https://api.github.com/repos/Acme/Shop.js",
      actor: "mira",
      environment: "production",
      service: "Shop.js",
      revision: "v1.4.2",
      commit: "0f1e2d3c4b5a69788796a5b4c3d2e1f001234567",
      labels: { task: "deploy" },
      data: { ticket: 7 },
    },
  ]);
});

test.each([
  ["queued", "deployment.queued", undefined],
  ["pending", "deployment.queued", undefined],
  ["waiting", "deployment.queued", undefined],
  ["in_progress", "deployment.started", undefined],
  ["success", "deployment.finished", Outcome.SUCCESS],
  ["failure", "deployment.finished", Outcome.FAILURE],
  ["error", "deployment.finished", Outcome.ERROR],
  ["inactive", "service.removed", undefined],
])("the status %s is %s", (state, type, outcome) => {
  const [created, event] = webhook("deployment_status", { deployment, deployment_status: status(state) });

  expect(created).toEqual(webhook("deployment", { deployment })[0]);
  expect(event).toMatchObject({ eventId: "status:7", type, message: `it is ${state}`, url: "https://ci.example/1" });
  expect(event?.outcome).toBe(outcome);
  expect(Number(event?.sendTime?.seconds)).toBe(Date.parse("2026-11-20T08:00:00Z") / 1_000);
});

test("a listing makes the events of the webhooks", () => {
  const [created, finished] = webhook("deployment_status", { deployment, deployment_status: status("success") });

  expect(eventsOf(mapGithubListing(exactly(deployment)))).toEqual([created]);
  expect(eventsOf(mapGithubListing(exactly(status("success"))))).toEqual([finished]);
});

test("a deployment without a time queues nothing, since it would count as the latest event", () => {
  const { created_at: _, ...timeless } = deployment;

  expect(webhook("deployment", { deployment: timeless })).toMatchObject([
    { eventId: "described", type: "deployment.created" },
  ]);
});

const run = {
  id: 77,
  name: "Deploy",
  path: ".github/workflows/deploy.yml@main",
  run_attempt: 2,
  run_number: 5,
  status: "completed",
  conclusion: "success",
  head_branch: "main",
  head_sha: "0f1e2d3",
  html_url: "https://github.com/Acme/Shop.js/actions/runs/77",
  actor: { login: "mira" },
  triggering_actor: { login: "noor" },
  created_at: "2026-11-20T08:00:00Z",
  run_started_at: "2026-11-20T09:00:00Z",
  updated_at: "2026-11-20T09:05:00Z",
  url: "https://api.github.com/repos/Acme/Shop.js/actions/runs/77",
};

test.each([["Deploy"], ["deploy.yml"]])(
  "a run of the workflow %s is a deployment of its own for each attempt",
  (name) => {
    const events = webhook("workflow_run", { action: "completed", workflow_run: run }, [
      { name, environment: "production" },
    ]);

    expect(events).toMatchObject([
      { deploymentId: "gh:Acme:Shop.js:run:77:2", eventId: "in_progress", type: "deployment.started", actor: "noor" },
      { eventId: "completed", type: "deployment.finished", outcome: Outcome.SUCCESS, environment: "production" },
    ]);
    expect(eventsOf(mapGithubListing(parsePayload(JSON.stringify(run)), "production"))).toEqual(events);
  },
);

test.each([
  ["neutral", Outcome.SUCCESS],
  ["failure", Outcome.FAILURE],
  ["timed_out", Outcome.FAILURE],
  ["startup_failure", Outcome.ERROR],
  ["cancelled", Outcome.CANCELED],
  ["skipped", Outcome.CANCELED],
  ["stale", Outcome.CANCELED],
])("the conclusion %s is the outcome %i", (conclusion, outcome) => {
  const events = webhook("workflow_run", { workflow_run: { ...run, conclusion } }, [{ name: "Deploy" }]);

  expect(events.at(-1)).toMatchObject({ type: "deployment.finished", outcome });
});

test.each([
  ["queued", "", "deployment.queued"],
  ["waiting", "", "deployment.queued"],
  ["in_progress", "", "deployment.started"],
  ["completed", "action_required", "approval.requested"],
])("a run that is %s %s is %s", (state, conclusion, type) => {
  const events = webhook("workflow_run", { workflow_run: { ...run, status: state, conclusion } }, [{ name: "Deploy" }]);

  expect(events.map((event) => event.type)).toEqual([type]);
});

test("other workflows are ignored", () => {
  expect(webhook("workflow_run", { workflow_run: run }, [{ name: "Release" }])).toEqual([]);
  expect(webhook("workflow_run", { workflow_run: run })).toEqual([]);
});

test("maps every example that GitHub's library has", () => {
  for (const example of githubExamples("deployment_status") as PayloadValue[]) {
    const events = eventsOf(mapGithubWebhook(example, { eventName: "deployment_status", workflows: [] }));
    expect(events.map(({ type }) => type)).toEqual([
      "deployment.queued",
      expect.stringMatching(/^(deployment|service)[.]/),
    ]);
  }
});

test("names what is missing in an item of a listing", () => {
  expect(() => mapGithubListing({ message: "Not Found" })).toThrow(MappingError);
  expect(() => mapGithubListing({ ...status("success"), deployment_url: "https://api.github.com/x" })).toThrow(
    /^deployment_url: /,
  );
});
