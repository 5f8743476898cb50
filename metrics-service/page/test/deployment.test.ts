import { expect, test } from "@jest/globals";
import { commandsFor } from "../src/deployment/commands.ts";
import { compareLink } from "../src/deployment/compare-link.ts";
import { previousSuccess } from "../src/deployment/previous-success.ts";
import { toneOf, wordsOf } from "../src/deployment/step-kind.ts";
import { shellWord, startCommand, successCommand } from "../src/shell/client-commands.ts";

const commits = { from: "4c1e9d2", to: "v1.3.0" };

test.each([
  ["https://github.com/acme/shop/actions/runs/17", "https://github.com/acme/shop/compare/4c1e9d2...v1.3.0"],
  ["https://github.example.org/acme/shop", "https://github.example.org/acme/shop/compare/4c1e9d2...v1.3.0"],
  ["https://github.com/acme/shop.git", "https://github.com/acme/shop/compare/4c1e9d2...v1.3.0"],
  ["https://gitlab.com/a/b/shop/-/pipelines/1", "https://gitlab.com/a/b/shop/-/compare/4c1e9d2...v1.3.0"],
  ["https://code.example/a/shop/-/jobs/1", "https://code.example/a/shop/-/compare/4c1e9d2...v1.3.0"],
  ["https://gitlab.example/a/shop", "https://gitlab.example/a/shop/-/compare/4c1e9d2...v1.3.0"],
  [
    "https://bitbucket.org/acme/shop/pipelines/results/9",
    "https://bitbucket.org/acme/shop/branches/compare/v1.3.0%0D4c1e9d2",
  ],
  ["https://codeberg.org/acme/shop", "https://codeberg.org/acme/shop/compare/4c1e9d2...v1.3.0"],
  ["https://ci.example/acme/shop", undefined],
  ["https://github-mirror.example/acme/shop", undefined],
  ["https://github.com/acme", undefined],
  ["javascript:github.com/acme/shop", undefined],
])("finds the comparison of %s at %s", (address, link) => {
  expect(compareLink([undefined, "pipeline", address], commits)?.href).toBe(link);
});

test.each([
  { from: "", to: "a" },
  { from: "a", to: "a" },
  { from: "../../x", to: "a" },
  { from: "a b", to: "c" },
  { from: "a?x=1", to: "c" },
])("makes no comparison of $from and $to", (pair) => {
  expect(compareLink(["https://github.com/acme/shop"], pair)).toBeUndefined();
});

test("quotes what a shell would take apart", () => {
  expect(shellWord("release-42")).toBe("release-42");
  expect(shellWord("a b; rm -rf ~ 'x'")).toBe(`'a b; rm -rf ~ '\\''x'\\'''`);
  expect(shellWord("~root")).toBe("'~root'");
});

test("shows commands that take an id beginning with a dash", () => {
  const [tail] = commandsFor({ deploymentId: "-1", serviceAddress: undefined });

  expect(tail.command).toContain("--deployment-id=-1");
  expect(startCommand({ serviceAddress: undefined, deploymentId: "-1" })).toContain("--deployment-id=-1");
});

test.each([undefined, "127.0.0.1:50051"])(
  "names no address to the client where the service is at %s",
  (serviceAddress) => {
    const [tail, list, grpcurl] = commandsFor({ deploymentId: "release-42", serviceAddress });

    expect(tail.command).toBe("activity_client tail \\\n  --deployment-id release-42");
    expect(list.command).toBe("activity_client list \\\n  --deployment-id release-42");
    expect(grpcurl.command).toContain(
      `-d '{"deployment_id":"release-42","follow":true}' \\\n  127.0.0.1:50051 \\\nactivityevents.v1`,
    );
    expect(startCommand({ serviceAddress })).toMatch(/^npm run -s client -- add /);
  },
);

test("names another address in each command", () => {
  const serviceAddress = "[::1]:50061";

  for (const { command } of commandsFor({ deploymentId: "d", serviceAddress }))
    expect(command).toContain(" '[::1]:50061' ");
  expect(startCommand({ serviceAddress })).toMatch(/^npm run -s client -- --address '\[::1\]:50061' add /);
  expect(successCommand({ serviceAddress })).toMatch(/^npm run -s client -- --address '\[::1\]:50061' add /);
});

test("finds the success that finished last before a deployment began", () => {
  const at = (second: number) => `2026-11-28T12:00:${second}Z`;
  const finished = (deploymentId: string, second: number, outcome: "OUTCOME_SUCCESS" | "OUTCOME_FAILURE") => ({
    deploymentId,
    state: "DEPLOYMENT_STATE_FINISHED" as const,
    outcome,
    finishTime: at(second),
  });
  const heads = [
    finished("later", 50, "OUTCOME_SUCCESS"),
    finished("self", 45, "OUTCOME_SUCCESS"),
    finished("bad", 30, "OUTCOME_FAILURE"),
    finished("good", 20, "OUTCOME_SUCCESS"),
    finished("older", 10, "OUTCOME_SUCCESS"),
  ];

  expect(previousSuccess(heads, "self", Date.parse(at(40)) * 1_000)?.deploymentId).toBe("good");
  expect(previousSuccess(heads, "older", Date.parse(at(10)) * 1_000)).toBeUndefined();
});

test("tells events apart by what they mean, then by their severity", () => {
  expect(toneOf({ type: "deployment.finished", outcome: "OUTCOME_SUCCESS" })).toBe("success");
  expect(toneOf({ type: "deployment.finished", outcome: "OUTCOME_ERROR" })).toBe("failure");
  expect(toneOf({ type: "deployment.progress", severity: "SEVERITY_CRITICAL" })).toBe("failure");
  expect(toneOf({ type: "deployment.progress", severity: "SEVERITY_WARNING" })).toBe("warning");
  expect(wordsOf({ type: "deployment.finished", outcome: "OUTCOME_FAILURE" })).toBe("Failed");
  expect(wordsOf({ type: "acme.custom" })).toBeUndefined();
});
