import { readFileSync } from "node:fs";
import { join } from "node:path";
import { protos } from "@google-cloud/cloudbuild";
import { expect, test } from "@jest/globals";
import { parse } from "yaml";

const root = join(import.meta.dirname, "..");
const text = readFileSync(join(root, "cloudbuild.yaml"), "utf8");
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

test("every field of cloudbuild.yaml is one of Cloud Build's own message", () => {
  const { Build, BuildStep, BuildOptions } = protos.google.devtools.cloudbuild.v1;
  const build = parse(text);

  expect(unknownFields(build, Build)).toEqual([]);
  expect(unknownFields(build.steps, BuildStep)).toEqual([]);
  expect(unknownFields(build.options, BuildOptions)).toEqual([]);
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
  expect(text.replace(/\$\{\w+\}|\$\$/g, "")).not.toContain("$");
});

test("every step is a command of the repository", () => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const steps: { readonly args: readonly string[]; readonly id: string }[] = parse(text).steps;

  const commands = steps.filter(({ args }) => args[0] === "npm").map(({ args }) => args[3] ?? "");
  expect(commands).toEqual(["image", "package-mirror", "push-image", "rollout", "apply-environment", "rollout"]);
  for (const command of commands) expect(scripts).toHaveProperty(command);
});

test("every step runs in a builder of Cloud Build or in an image that a step before it has built", () => {
  const steps: { readonly id: string; readonly name: string; readonly args: readonly string[] }[] = parse(text).steps;
  const waitsFor = new Map(
    parse(text).steps.map(({ id, waitFor = ["-"] }: { id: string; waitFor?: string[] }) => [id, waitFor]),
  );
  const before = (id: string): readonly string[] =>
    (waitsFor.get(id) as string[]).filter((one) => one !== "-").flatMap((one) => [one, ...before(one)]);

  for (const { id, name, args } of steps) {
    if (name === "tools" || args.includes("tools")) expect(id === "tools" || before(id).includes("tools")).toBe(true);
    else expect(name).toBe("gcr.io/cloud-builders/docker");
  }
  expect(
    steps
      .map(({ id }) => id)
      .filter((id) => !["tools", "check-and-test"].includes(id) && !before(id).includes("check-and-test")),
  ).toEqual([]);
});

test("the tests may do what they do in CI, in an image that has what .ci/run does not bring", () => {
  const steps: { readonly id: string; readonly args: readonly string[] }[] = parse(text).steps;
  const tests = steps.find(({ id }) => id === "check-and-test")?.args ?? [];
  const image = readFileSync(join(root, "tools.Dockerfile"), "utf8");

  expect(tests).toContain("--privileged");
  expect(tests.slice(-2)).toEqual(["bash", ".ci/run"]);
  expect(image.match(/(?<= )\/usr\/local\S+$/gm)).toEqual([
    "/usr/local/bin/docker",
    "/usr/local/libexec/docker",
    "/usr/local/go",
    "/usr/local/bin/terraform",
  ]);
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
