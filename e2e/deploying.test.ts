import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { startClosedService } from "@activity-events/testing/closed-service";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { commands, lines, commandsNamed as named } from "./deploying-page.ts";

const root = join(import.meta.dirname, "..");
const read = (file: string) => readFileSync(join(root, file), "utf8");
const build = parse(read("cloudbuild.yaml"));

/** The variables that a folder of terraform/ declares. */
const variablesOf = (folder: string) =>
  [...read(`terraform/${folder}/variables.tf`).matchAll(/^variable "(\w+)"/gm)].map(([, name]) => name);

afterEach(cleanUp);

test("every step of the page has a line to type", () => {
  expect(lines.length).toBeGreaterThan(5);
  expect(lines).not.toContain("");
});

test("every command of the page is one that is known, and so are its flags, files and variables", () => {
  const programs = ["gcloud", "npm", "terraform", "activity"];

  expect(new Set(commands.map((words) => words.find((word) => !/^\w+=/.test(word))))).toEqual(new Set(programs));
  for (const [, script] of named("npm").map((words) => words.filter((word) => word !== "-s"))) {
    expect(JSON.parse(read("package.json")).scripts).toHaveProperty(script ?? "");
  }
  for (const [chdir = "", command] of named("terraform")) {
    const folder = chdir.replace("-chdir=terraform/", "");
    expect(["init", "apply", "destroy", "output"]).toContain(command);
    expect(existsSync(join(root, "terraform", folder, "main.tf"))).toBe(true);
  }
  const given = (words: readonly string[]) => words.flatMap((word) => /^(?:-var=|TF_VAR_)(\w+)=/.exec(word)?.[1] ?? []);
  for (const words of commands) {
    const folder = /terraform\/(bootstrap|environments\/\w+)/.exec(words.join(" "))?.[1] ?? "environments/dev";
    expect(variablesOf(folder)).toEqual(expect.arrayContaining(given(words)));
  }
  expect(commands.flatMap(given).length).toBeGreaterThan(6);
});

const triggers = named("gcloud").filter((words) => words.includes("triggers") && words.includes("create"));
const flagOf = (trigger: readonly string[], name: string) =>
  trigger.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3) ?? "";

test("each build is started as its own account: the tests by pull requests, the other by what was merged", () => {
  const started = triggers.map((trigger) => {
    const account = parse(read(flagOf(trigger, "build-config"))).serviceAccount;
    expect(flagOf(trigger, "service-account")).toBe(account.replaceAll(/\$\{PROJECT_ID\}/g, "my-project"));
    return ["build-config", "pull-request-pattern", "branch-pattern"].map((name) => flagOf(trigger, name));
  });

  expect(started).toEqual([
    ["cloudbuild.test.yaml", "^main$", ""],
    ["cloudbuild.yaml", "", "^main$"],
  ]);
});

test("the trigger of cloudbuild.yaml has its substitutions, for what was applied by hand", () => {
  const trigger = triggers[1] ?? [];
  const flag = (name: string) => flagOf(trigger, name);
  const substitutions = Object.fromEntries(
    flag("substitutions")
      .replace("^;^", "")
      .split(";")
      .map((pair) => pair.split(/=(.*)/s).slice(0, 2)),
  );
  const [applied = []] = named("apply-environment");
  const variable = (name: string) => applied.find((word) => word.startsWith(`-var=${name}=`))?.slice(name.length + 6);

  expect(Object.keys(build.substitutions)).toEqual(expect.arrayContaining(Object.keys(substitutions)));
  expect(substitutions).toEqual({
    _ENVIRONMENT: "dev",
    _REGION: variable("region"),
    _INVOKERS: variable("invokers"),
    _NOTIFICATION_EMAILS: variable("notification_emails"),
  });
});

test("bucket, image and service are called as in cloudbuild.yaml, whose builds find them", () => {
  const resolved = (name: string): string =>
    build.substitutions[name].replace(/\$\{(\w+)\}/g, (_: string, inner: string) =>
      inner === "PROJECT_ID" ? "my-project" : resolved(inner),
    );

  expect(named("apply-environment")[0]?.slice(1, 4)).toEqual(["dev", resolved("_STATE_BUCKET"), "dist/image"]);
  expect(named("push-image")[0]?.slice(1)).toEqual([`${resolved("_IMAGE")}:first`, "dist/image"]);
  expect(lines.join("\n")).toContain(`--run-service ${resolved("_SERVICE")} --region ${resolved("_REGION")}`);
});

test("the calls of the page, typed as they stand, ask a closed service, record and list", async () => {
  const { address: target } = await startService({ dataDir: temporaryFolder().path });
  await using closed = await startClosedService({ target });
  const line = lines.find((candidate) => candidate.includes("activity health")) ?? "";
  const typed = line
    // The test's credentials are those of a metadata server.
    .replace(/GOOGLE_APPLICATION_CREDENTIALS="[^"]*" /, "")
    .replace("--region europe-west1 --project my-project", "--region region --project project");

  const type = () =>
    promisify(execFile)("sh", ["-c", typed], { cwd: root, env: { PATH: process.env.PATH, ...closed.environment } });
  const { stdout } = await type();
  const again = await type();

  expect(stdout.split("\n")).toEqual([
    "SERVING",
    "first\t1\thello\trecorded",
    expect.stringMatching(/^1\t.*\thello\thello, dev$/),
    "",
  ]);
  expect(again.stdout).toContain("first\t1\thello\tduplicate\n");
  expect(closed.authorizations).not.toContain(undefined);
});
