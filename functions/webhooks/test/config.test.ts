import { ConfigError } from "@activity-events/process/config-error";
import { expect, test } from "@jest/globals";
import { readConfig } from "../src/config/config.ts";
import { isOn, routesOf } from "../src/routes/routes.ts";

function faultsOf(environment: NodeJS.ProcessEnv): readonly string[] {
  try {
    readConfig(environment, false);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
}
const pushes = { WEBHOOKS_OIDC_AUDIENCE: "https://w.example", WEBHOOKS_OIDC_ACCOUNTS: "a@example.com" };
const routesOn = (environment: NodeJS.ProcessEnv) =>
  routesOf(readConfig(environment, false))
    .filter(isOn)
    .map(({ path }) => path);

test("without settings they are for this machine, and record to the service there", () => {
  expect(readConfig({}, true)).toEqual({
    host: "127.0.0.1",
    port: 50_090,
    service: { address: "127.0.0.1:50051", tls: false },
    secrets: { token: undefined, githubSecret: undefined, gitlabToken: undefined, oidc: undefined },
    workflows: [],
    inbox: undefined,
    logLevel: "info",
    logFormat: "pretty",
  });
});

test("take Cloud Run's port, unless there is one of their own", () => {
  expect(readConfig({ K_SERVICE: "webhooks", PORT: "8080" }, false).port).toBe(8_080);
  expect(readConfig({ K_SERVICE: "webhooks", PORT: "8080", WEBHOOKS_PORT: "1" }, false).port).toBe(1);
  expect(readConfig({ PORT: "50051" }, false).port).toBe(50_090);
});

test("read workflows with and without an environment", () => {
  expect(readConfig({ WEBHOOKS_GITHUB_WORKFLOWS: "Deploy = production, deploy.yml ,," }, false).workflows).toEqual([
    { name: "Deploy", environment: "production" },
    { name: "deploy.yml", environment: undefined },
  ]);
});

test.each([
  [{ WEBHOOKS_GITHUB_SECRET: "secret\n" }, "WEBHOOKS_GITHUB_SECRET"],
  [{ WEBHOOKS_GITLAB_TOKEN: " token" }, "WEBHOOKS_GITLAB_TOKEN"],
  [{ WEBHOOKS_TOKEN: "one, other" }, "WEBHOOKS_TOKEN"],
  [{ WEBHOOKS_OIDC_AUDIENCE: "a" }, "WEBHOOKS_OIDC_ACCOUNTS"],
  [{ WEBHOOKS_OIDC_ACCOUNTS: "a@example.com" }, "WEBHOOKS_OIDC_AUDIENCE"],
  [{ ...pushes, WEBHOOKS_OIDC_ISSUER: "http://issuer.example" }, "WEBHOOKS_OIDC_ISSUER"],
  [{ ...pushes, WEBHOOKS_INBOX_TOPIC: "inbox" }, "GOOGLE_CLOUD_PROJECT"],
  [{ GOOGLE_CLOUD_PROJECT: "p", WEBHOOKS_INBOX_TOPIC: "inbox" }, "WEBHOOKS_OIDC_AUDIENCE"],
  [{ WEBHOOKS_PORT: "65536" }, "WEBHOOKS_PORT"],
  [{ ACTIVITY_ADDRESS: "https://user@host" }, "ACTIVITY_ADDRESS"],
  [{ LOG_FORMAT: "xml" }, "LOG_FORMAT"],
])("refuse %j and name the setting", (environment, name) => {
  expect(faultsOf(environment)).toEqual([expect.stringMatching(new RegExp(`^${name} must `))]);
});

test("a route is on only with what its sender proves itself by", () => {
  expect(routesOn({})).toEqual(["/cloudevents"]);
  expect(routesOn({ HOST: "::1" })).toEqual(["/cloudevents"]);
  // Others reach it there.
  expect(routesOn({ HOST: "0.0.0.0" })).toEqual([]);
  expect(routesOn({ HOST: "0.0.0.0", WEBHOOKS_TOKEN: "t" })).toEqual(["/cloudevents", "/argocd", "/alertmanager"]);
  expect(routesOn({ HOST: "0.0.0.0", WEBHOOKS_GITHUB_SECRET: "s" })).toEqual(["/github"]);
  expect(routesOn({ HOST: "0.0.0.0", WEBHOOKS_GITLAB_TOKEN: "s" })).toEqual(["/gitlab"]);
  expect(routesOn({ HOST: "0.0.0.0", ...pushes })).toEqual([
    "/cloudevents",
    "/cloud-build",
    "/cloud-deploy",
    "/cloud-monitoring",
  ]);
});
