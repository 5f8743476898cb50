import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ActivityEventsClient } from "@activity-events/client";
import { DeploymentSchema } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { toJson } from "@bufbuild/protobuf";
import { afterEach, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { recipeBlocks } from "./recipe-blocks.ts";
import { openRecipeRunner, type RecipeRunner } from "./recipe-runner.ts";

afterEach(cleanUp);

const commit = "0f1e2d3c4b5a69788796a5b4c3d2e1f001234567";

/** The only deployment that a service has, as JSON, and the messages of its events. */
async function recordedAt(address: string) {
  const client = new ActivityEventsClient({ address, tls: false });
  try {
    const { items } = await client.readDeployments();
    const [only] = items;
    if (only === undefined || items.length > 1) throw new Error(`there are ${items.length} deployments`);
    const events = (await client.readEvents({ deploymentId: only.deploymentId })).items;
    return {
      head: toJson(DeploymentSchema, only),
      messages: events.map(({ message }) => message).filter((message) => message !== ""),
    };
  } finally {
    client.close();
  }
}

const start = async () => (await startService({ dataDir: temporaryFolder().path })).address;

/** Puts values in the place of `${{ vars.NAME }}`; throws where there is none. */
function filled(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{\{ vars\.(\w+) \}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`the recipe needs ${name}`);
    return value;
  });
}

test("the workflow of GitHub Actions records its run", async () => {
  const address = await start();
  await using runner = await openRecipeRunner();
  const [workflow = ""] = recipeBlocks("github-actions", "yaml");
  const values = { ACTIVITY_ADDRESS: address, ACTIVITY_RELEASE: runner.releases };
  const { deploy } = parse(filled(workflow, values)).jobs;
  const environment = {
    ...deploy.env,
    GITHUB_ACTIONS: "true",
    GITHUB_REPOSITORY: "acme/shop",
    GITHUB_RUN_ID: "77",
    GITHUB_RUN_ATTEMPT: "2",
    GITHUB_SERVER_URL: "https://github.example",
    GITHUB_SHA: commit,
    GITHUB_REF_TYPE: "branch",
    GITHUB_REF_NAME: "main",
    GITHUB_ACTOR: "mira",
  };

  for (const { run } of deploy.steps) if (run !== undefined) await runner.run(run, environment);

  expect((await recordedAt(address)).head).toMatchObject({
    deploymentId: "gh:acme:shop:run:77:2",
    state: "DEPLOYMENT_STATE_FINISHED",
    outcome: "OUTCOME_SUCCESS",
    environment: "production",
    service: "shop",
    commit,
    actor: "mira",
    url: "https://github.example/acme/shop/actions/runs/77/attempts/2",
  });
});

test("the job of GitLab CI/CD records its pipeline, also when it fails", async () => {
  const address = await start();
  await using runner = await openRecipeRunner({ deploy: "exit 3" });
  const { deploy } = parse(recipeBlocks("gitlab-ci", "yaml")[0] ?? "");
  const environment = {
    ACTIVITY_ADDRESS: address,
    ACTIVITY_RELEASE: runner.releases,
    GITLAB_CI: "true",
    CI_PROJECT_PATH: "acme/web/shop",
    CI_PIPELINE_ID: "41",
    CI_PIPELINE_URL: "https://gitlab.example/acme/web/shop/-/pipelines/41",
    CI_ENVIRONMENT_NAME: deploy.environment,
    CI_COMMIT_SHA: commit,
    GITLAB_USER_LOGIN: "mira",
  };

  const ended = runner.run([...deploy.before_script, ...deploy.script].join("\n"), environment);

  await expect(ended).rejects.toMatchObject({ code: 3 });
  await runner.run(deploy.after_script.join("\n"), environment);
  expect((await recordedAt(address)).head).toMatchObject({
    deploymentId: "gl:acme:web:shop:pipeline:41",
    outcome: "OUTCOME_FAILURE",
    environment: "production",
    service: "shop",
    actor: "mira",
  });
});

test("the pipeline of Jenkins records its build", async () => {
  const address = await start();
  await using runner = await openRecipeRunner({ isInstalled: true });
  const [pipeline = ""] = recipeBlocks("jenkins", "groovy");
  const variables = [...pipeline.matchAll(/^ +(\w+) = '(.*)'$/gm)].map(([, name]) => name);
  const lines = [...pipeline.matchAll(/^ +sh '(.*)'$/gm)].map(([, line = ""]) => line);
  const environment = {
    ACTIVITY_ADDRESS: address,
    JENKINS_URL: "https://ci.example/",
    JOB_NAME: "shop/main",
    BUILD_NUMBER: "12",
    BUILD_URL: "https://ci.example/job/shop/job/main/12/",
    GIT_URL: "https://git.example/acme/shop.git",
    GIT_COMMIT: commit,
  };

  for (const line of lines) await runner.run(line, environment, ["sh", "-xe", "-c"]);

  expect(variables).toEqual(["ACTIVITY_ADDRESS"]);
  expect((await recordedAt(address)).head).toMatchObject({
    deploymentId: "jenkins:ci.example:shop:main:build:12",
    outcome: "OUTCOME_SUCCESS",
    environment: "production",
    service: "shop",
  });
});

test("the steps of Cloud Build record their build", async () => {
  const address = await start();
  await using runner = await openRecipeRunner();
  const { steps, substitutions } = parse(recipeBlocks("cloud-build", "yaml")[0] ?? "");
  expect(Object.keys(substitutions)).toEqual(["_ACTIVITY_ADDRESS", "_ACTIVITY_RELEASE"]);
  const given: Record<string, string> = {
    _ACTIVITY_ADDRESS: address,
    _ACTIVITY_RELEASE: runner.releases,
    PROJECT_ID: "acme-prod",
    BUILD_ID: "9f0b1c52-6a0e-4c3e-8d8e-0a1b2c3d4e5f",
    REPO_NAME: "shop",
    COMMIT_SHA: commit,
  };

  for (const { script, env } of steps) {
    const own = env.map((line: string) => line.replace(/\$(\w+)/g, (_: string, name: string) => given[name] ?? ""));
    const variables = Object.fromEntries(own.map((line: string) => line.split(/=(.*)/s)));
    await runner.run(script, { ...given, ...variables }, ["sh", "-e", "-c"]);
  }

  expect((await recordedAt(address)).head).toMatchObject({
    deploymentId: "cb:acme-prod:build:9f0b1c52-6a0e-4c3e-8d8e-0a1b2c3d4e5f",
    outcome: "OUTCOME_SUCCESS",
    environment: "production",
    service: "shop",
    commit,
  });
});

test("a script is recorded from outside, and says how far it is", async () => {
  const address = await start();
  const [outside = "", within = ""] = recipeBlocks("bash", "sh");
  await using runner = await openRecipeRunner({ isInstalled: true, deploy: within });

  await runner.run(outside, { ACTIVITY_ADDRESS: address });

  const { head, messages } = await recordedAt(address);
  expect(head).toMatchObject({ outcome: "OUTCOME_SUCCESS", service: "api", environment: "production" });
  expect(messages).toContain("database migrated");
});

/** Writes the script of the recipe that records itself, and calls it as its user does. */
async function callOwnScript(runner: RecipeRunner, address: string): Promise<string> {
  const [script = ""] = recipeBlocks("bash", "bash");
  writeFileSync(join(runner.folder, "own.sh"), script, { mode: 0o755 });
  return runner.run("./own.sh 'v 1'", { ACTIVITY_ADDRESS: address });
}

test("a script records itself, once, with its arguments", async () => {
  const address = await start();
  await using runner = await openRecipeRunner({ isInstalled: true });

  expect(await callOwnScript(runner, address)).toBe("deploying v 1\n");

  expect((await recordedAt(address)).head).toMatchObject({ outcome: "OUTCOME_SUCCESS", service: "api" });
});

test("such a script runs without an activity_client, too", async () => {
  await using runner = await openRecipeRunner();

  await expect(runner.run("command -v activity_client", {})).rejects.toMatchObject({ code: 1 });
  expect(await callOwnScript(runner, "127.0.0.1:1")).toBe("deploying v 1\n");
});
