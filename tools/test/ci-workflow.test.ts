import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { parse } from "yaml";

test("the workflow on GitHub runs .ci/run last, with the whole history", () => {
  const workflow = parse(
    readFileSync(join(import.meta.dirname, "..", "..", ".github", "workflows", "ci.yaml"), "utf8"),
  );
  const { steps } = workflow.jobs["check-and-test"];

  expect(steps[0].with["fetch-depth"]).toBe(0);
  expect(steps.at(-1).run).toMatch(/ bash \.ci\/run$/);
  expect(Object.keys(workflow.on)).toEqual(["push", "pull_request"]);
});

test("the workflow of a release runs its command and publishes what that made, as a draft", () => {
  const workflow = parse(
    readFileSync(join(import.meta.dirname, "..", "..", ".github", "workflows", "release.yaml"), "utf8"),
  );
  const commands = workflow.jobs.draft.steps.flatMap(({ run }: { run?: string }) => run ?? []);

  expect(workflow.on.push.tags).toEqual(["v*"]);
  expect(commands[0]).toBe("npm run release");
  expect(commands[1]).toMatch(/^gh release create .* --draft .* dist\/release\/\*$/);
});
