import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { protos } from "@google-cloud/cloudbuild";
import { expect, test } from "@jest/globals";
import { parse } from "yaml";

const root = join(import.meta.dirname, "..");
const text = readFileSync(join(root, "cloudbuild.yaml"), "utf8");
const testText = readFileSync(join(root, "cloudbuild.test.yaml"), "utf8");
const image = `europe-west1-docker.pkg.dev/my-project/activity-events/activity-events@sha256:${"a".repeat(64)}`;
// Of a build that a trigger starts; Cloud Build sets them.
const given = ["PROJECT_ID", "COMMIT_SHA"];

/** The paths of fields that the message does not have. */
function unknownFields(value: unknown, type: object | null | undefined, path = ""): string[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => unknownFields(item, type, `${path}[${index}]`));
  if (type == null || typeof value !== "object" || value === null) return [];
  const build = type as {
    readonly toObject?: (message: object, options: object) => Record<string, unknown>;
    readonly create?: () => object;
  };
  const known =
    build.create && build.toObject
      ? build.toObject(build.create(), { defaults: true, arrays: true, objects: true, oneofs: true })
      : {};
  return Object.keys(value)
    .filter((name) => !(name in known))
    .map((name) => `${path}.${name}`);
}

test("every field of both builds is one of Cloud Build's own message", () => {
  const { Build, BuildStep, BuildOptions } = protos.google.devtools.cloudbuild.v1;
  const build = parse(text);

  for (const one of [build, parse(testText)]) {
    expect(unknownFields(one, Build)).toEqual([]);
    expect(unknownFields(one.steps, BuildStep)).toEqual([]);
    expect(unknownFields(one.options, BuildOptions)).toEqual([]);
  }
  expect(unknownFields({ step: [] }, Build)).toEqual([".step"]);
  const { options } = Build.fromObject({ options: build.options });
  expect(options).toMatchObject({
    logging: BuildOptions.LoggingMode.CLOUD_LOGGING_ONLY,
    requestedVerifyOption: protos.google.devtools.cloudbuild.v1.BuildOptions.VerifyOption.VERIFIED,
  });
});

test("every substitution is declared and used, and none is left to the shell", () => {
  const declared = Object.keys(parse(text).substitutions);
  const used = [...text.matchAll(/\$\{(\w+)\}/g)].map(([, name = ""]) => name);

  expect([...new Set(used)].sort()).toEqual([...declared, ...given].sort());
  for (const one of [text, testText]) expect(one.replace(/\$\{\w+\}|\$\$/g, "")).not.toContain("$");
  expect([...testText.matchAll(/\$\{(\w+)\}/g)].every(([, name = ""]) => given.includes(name))).toBe(true);
});

test("every step is a command of the repository", () => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const steps: { readonly args: readonly string[]; readonly id: string }[] = parse(text).steps;

  const commands = steps.filter(({ args }) => args[0] === "npm").map(({ args }) => args[3] ?? "");
  expect(commands).toEqual(["image", "package-mirror", "push-image", "rollout", "apply-environment", "rollout"]);
  for (const command of commands) expect(scripts).toHaveProperty(command);
});

test.each([
  ["cloudbuild.yaml", text],
  ["cloudbuild.test.yaml", testText],
])("every step of %s runs in a builder of Cloud Build or in an image that a step before it has built", (_, build) => {
  const steps: { readonly id: string; readonly name: string; readonly args: readonly string[] }[] = parse(build).steps;
  const waitsFor = new Map(
    parse(build).steps.map(({ id, waitFor = ["-"] }: { id: string; waitFor?: string[] }) => [id, waitFor]),
  );
  const before = (id: string): readonly string[] =>
    (waitsFor.get(id) as string[]).filter((one) => one !== "-").flatMap((one) => [one, ...before(one)]);

  for (const { id, name, args } of steps) {
    if (name === "tools" || args.includes("tools")) expect(id === "tools" || before(id).includes("tools")).toBe(true);
    else expect(name).toBe("gcr.io/cloud-builders/docker");
  }
});

test("the tests may do what they do in CI, in an image that has what .ci/run does not bring", () => {
  const steps: { readonly id: string; readonly args: readonly string[] }[] = parse(testText).steps;
  const tests = steps.find(({ id }) => id === "check-and-test")?.args ?? [];
  const image = readFileSync(join(root, "deploy", "tools.Dockerfile"), "utf8");

  expect(tests).toContain("--privileged");
  expect(tests.slice(-2)).toEqual(["bash", ".ci/run"]);
  expect(image.match(/(?<= )\/usr\/local\S+$/gm)).toEqual([
    "/usr/local/bin/docker",
    "/usr/local/libexec/docker",
    "/usr/local/go",
    "/usr/local/bin/terraform",
  ]);
});

test("what deploys runs no tests, with privileges least of all, and what tests is another account", () => {
  expect(text).not.toMatch(/privileged|\.ci\/run|npm, test/);
  expect(parse(testText).serviceAccount).not.toBe(parse(text).serviceAccount);
});

test("what is applied are variables of every environment", () => {
  const steps: { readonly id: string; readonly args: readonly string[] }[] = parse(text).steps;
  const args = steps.find(({ id }) => id === "apply")?.args ?? [];
  const given = args.flatMap((arg) => /^-var=(\w+)=/.exec(arg)?.[1] ?? []);

  for (const environment of ["dev", "staging", "prod"]) {
    const variables = readFileSync(join(root, "terraform", "environments", environment, "variables.tf"), "utf8");
    const declared = [...variables.matchAll(/^variable "(\w+)"/gm)].map(([, name]) => name);
    // The image is in the file, and the mirror where package-mirror writes it.
    expect([...given, "image", "mirror_archive"].sort()).toEqual(declared.sort());
  }
});

interface Step {
  readonly id: string;
  readonly args: readonly string[];
  readonly waitFor?: readonly string[];
}

const stepOf = (id: string) => (parse(text).steps as readonly Step[]).find((step) => step.id === id);

test.each([
  ["CRITICAL", true, 1],
  ["CRITICAL", false, 0],
  ["LOW", true, 0],
] as const)(
  "the scan stops the build at what is severe and has a fix: %s, fix %s, exit code %s",
  async (severity, fix, code) => {
    using folder = temporaryFolder();
    const imageFile = join(folder.path, "image");
    writeFileSync(imageFile, `${image}\n`);
    const asked: string[] = [];
    const server = createServer(({ url = "" }, response) => {
      asked.push(decodeURIComponent(url));
      const vulnerability = { effectiveSeverity: severity, fixAvailable: fix, shortDescription: "CVE-2026-1" };
      const found = url.includes("DISCOVERY")
        ? { discovery: { analysisStatus: "FINISHED_SUCCESS" } }
        : { vulnerability };
      response.end(JSON.stringify({ occurrences: [found] }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;

    const [command = "", ...args] = (stepOf("scan")?.args ?? []).map((arg) =>
      arg.replace("dist/image", imageFile).replace(/\$\{PROJECT_ID\}/, "my-project"),
    );
    const child = spawn(command, args, {
      cwd: root,
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        CLOUDSDK_API_ENDPOINT_OVERRIDES_CONTAINERANALYSIS: `http://127.0.0.1:${port}/`,
      },
    });
    const [exitCode] = await once(child, "close");
    server.close();

    expect(exitCode).toBe(code);
    expect(asked[0]).toContain(
      `/v1/projects/my-project/occurrences?filter=resourceUrl="https://${image}"`.replace(/ /g, "+"),
    );
    // What was stopped is neither applied nor rolled out.
    expect(stepOf("apply")?.waitFor).toContain("scan");
    expect(stepOf("roll-out")?.waitFor).toEqual(["apply"]);
  },
);
