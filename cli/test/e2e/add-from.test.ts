import { ActivityEventsClient, Outcome } from "@activity-events/client";
import { collect } from "@activity-events/testing/collect";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, expect, test } from "@jest/globals";
import { runClient } from "./running-client.ts";

afterEach(cleanUp);

const api = "https://api.github.com/repos/Acme/Shop.js";
const deployment = (id: number | string) => ({
  url: `${api}/deployments/${id}`,
  id,
  sha: "0f1e2d3c4b5a69788796a5b4c3d2e1f001234567",
  ref: "feature/größer-✨",
  task: "deploy",
  payload: {},
  environment: "production",
  creator: { login: "mira" },
  created_at: "2025-11-20T08:59:00Z",
  statuses_url: `${api}/deployments/${id}/statuses`,
  repository_url: api,
});
const status = (id: number, deploymentId: number, state: string, second: number) => ({
  url: `${api}/deployments/${deploymentId}/statuses/${id}`,
  id,
  state,
  description: '] , [ \\ " {',
  creator: { login: "deploy-bot[bot]" },
  environment: "production",
  created_at: `2025-11-20T09:00:${String(second).padStart(2, "0")}Z`,
  deployment_url: `${api}/deployments/${deploymentId}`,
  repository_url: api,
});

async function open() {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  const client = new ActivityEventsClient({ address, tls: false });
  return {
    client,
    address,
    add: (input: string, tool = "github", ...flags: string[]) =>
      runClient({ args: ["add", "--from", tool, ...flags], input, address }),
    [Symbol.dispose]: () => client.close(),
  };
}

test("fills in the past from pages one behind the other, in any order, and a second run records nothing", async () => {
  using service = await open();
  const pages = [
    JSON.stringify([status(2, 41, "success", 30), status(1, 41, "in_progress", 1)], undefined, 2),
    "[]",
    JSON.stringify([deployment(41), deployment(42)]),
    `${JSON.stringify(deployment(43))}\n${JSON.stringify(status(3, 43, "failure", 5))}`,
  ].join("");

  const added = await service.add(pages);
  const again = await service.add(pages);

  expect(added).toMatchObject({ exitCode: 0, errors: "" });
  expect(
    added.output
      .trimEnd()
      .split("\n")
      .map((row) => row.split("\t").at(-1)),
  ).toEqual(Array(6).fill("recorded"));
  expect(
    again.output
      .trimEnd()
      .split("\n")
      .map((row) => row.split("\t").at(-1)),
  ).toEqual(Array(6).fill("duplicate"));
  expect(await service.client.getDeployment({ deploymentId: "gh:Acme:Shop.js:deployment:41" })).toMatchObject({
    outcome: Outcome.SUCCESS,
    service: "Shop.js",
    revision: "feature/größer-✨",
    actor: "mira",
    finishTime: { seconds: BigInt(Date.parse("2025-11-20T09:00:30Z") / 1_000) },
  });
});

test("keeps the digits of ids that a double cannot hold", async () => {
  using service = await open();
  const text = JSON.stringify([deployment("ID")]).replace('"id":"ID"', '"id":9007199254740993');

  await service.add(text);

  const heads = await collect(service.client.listDeployments());
  expect(heads.map(({ deploymentId }) => deploymentId)).toEqual(["gh:Acme:Shop.js:deployment:9007199254740993"]);
});

test("reads runs of a workflow in the pages that wrap them", async () => {
  using service = await open();
  const run = (id: number) => ({
    id,
    name: "Deploy",
    run_attempt: 1,
    run_number: id,
    status: "completed",
    conclusion: "success",
    created_at: "2025-11-20T08:59:00Z",
    updated_at: "2025-11-20T09:05:00Z",
    url: `${api}/actions/runs/${id}`,
  });
  const page = (...ids: number[]) => JSON.stringify({ total_count: 3, workflow_runs: ids.map(run) });

  const added = await service.add(`${page(1, 2)}${page(3)}\n`, "github", "--environment", "production");

  expect(added.exitCode).toBe(0);
  const heads = await collect(service.client.listDeployments({ filter: { environment: "production" } }));
  expect(heads.map(({ deploymentId }) => deploymentId).sort()).toEqual(
    [1, 2, 3].map((id) => `gh:Acme:Shop.js:run:${id}:1`),
  );
});

test("names each item that it cannot read, and records the others", async () => {
  using service = await open();
  const input = [
    JSON.stringify([deployment(41), { ...deployment(42), created_at: "yesterday" }]),
    '{"message": "Not Found"}',
    "gh: Not Found (HTTP 404)",
    `[${JSON.stringify(status(1, 41, "success", 1))}, {"id":`,
  ].join("\n");

  const added = await service.add(input);

  expect(added.exitCode).toBe(2);
  const complaints = added.errors
    .trim()
    .split("\n")
    .map((line) => line.replace(/^activity_client: /, ""));
  expect(complaints).toEqual([
    expect.stringMatching(/^item 2: created_at: must be a time/),
    expect.stringMatching(/^item 3: is no deployment/),
    expect.stringMatching(/^item 4: invalid JSON/),
    expect.stringMatching(/^item 6: invalid JSON/),
    expect.stringMatching(/^item 7: The input ends inside of an array/),
    expect.stringMatching(/^2 recorded, 0 duplicates, 5 refused/),
  ]);
});

test("reads deployments of GitLab, and takes the project of those without a job from a flag", async () => {
  using service = await open();
  const listed = {
    id: 15,
    sha: "279484c0",
    status: "failed",
    created_at: "2025-11-20T08:59:00Z",
    environment: { name: "staging" },
  };
  const job = { id: 7, pipeline: { web_url: "https://gitlab.example/acme/web/shop/-/pipelines/1" } };

  const added = await service.add(JSON.stringify([{ ...listed, deployable: job }, listed]), "gitlab");
  const named = await service.add(
    JSON.stringify(listed),
    "gitlab",
    "--project-url",
    "https://gitlab.example/acme/cart",
  );

  expect(added.errors).toContain("item 2: deployable.pipeline.web_url: is missing");
  expect(named.exitCode).toBe(0);
  const heads = await collect(service.client.listDeployments());
  expect(heads.map(({ deploymentId, outcome }) => [deploymentId, outcome])).toEqual([
    ["gl:acme:cart:deployment:15", Outcome.FAILURE],
    ["gl:acme:web:shop:deployment:15", Outcome.FAILURE],
  ]);
});

test.each([
  [["--from", "bitbucket"], "bitbucket"],
  [["--from", "github", "--message", "hello"], "--from takes no event by flags"],
  [["--from", "github", "--project-url", "https://gitlab.example/a/b"], "--project-url requires --from gitlab"],
  [["--from", "gitlab", "--project-url", "a/b"], "--project-url must be an address"],
  [["--from", "gitlab", "--environment", "production"], "for GitHub alone"],
  [["--project-url", "https://gitlab.example/a/b"], "--project-url requires --from gitlab"],
])("refuses %j", async (flags, complaint) => {
  const added = await runClient({ args: ["add", ...flags], input: "[]", address: "127.0.0.1:1" });

  expect(added.exitCode).toBe(2);
  expect(added.errors).toContain(complaint);
});
