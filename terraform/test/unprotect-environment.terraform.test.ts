import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { accessYaml, settings } from "./planned-environment.ts";
import { type StateBuckets, startStateBuckets } from "./state-buckets.ts";
import { makeWorkingCopy, type Outcome, run, type WorkingCopy } from "./working-copy.ts";

jest.setTimeout(300_000);

describe("a protected environment", () => {
  let copy: WorkingCopy;
  let buckets: StateBuckets;
  let imageFile: string;

  beforeEach(async () => {
    copy = makeWorkingCopy();
    imageFile = join(dirname(copy.folder), "image");
    writeFileSync(imageFile, `${settings.TF_VAR_image}\n`);
    copy.write("environments/prod/access.yaml", accessYaml);
    buckets = await startStateBuckets();
  });
  afterEach(async () => {
    await buckets?.[Symbol.asyncDispose]();
    copy?.remove();
  });

  const script = (name: string, ...args: string[]): Promise<Outcome> =>
    run(process.execPath, [join(dirname(copy.folder), "deploy", name), ...args], copy.folder, {
      ...buckets.environment,
      ...settings,
    });
  const apply = () => script("apply-environment.mjs", "prod", "states", imageFile);
  const unprotect = (...args: string[]) => script("unprotect-environment.mjs", ...args);
  const destroy = () =>
    run("terraform", ["destroy", "-auto-approve", "-no-color"], join(copy.folder, "environments", "prod"), {
      ...buckets.environment,
      ...settings,
    });
  const unprotected = () =>
    copy.replace("environments/prod/main.tf", "deletion_protection   = true", "deletion_protection   = false");

  test("is not destroyed by halves, nor unprotected by a change of its settings alone", async () => {
    await apply();
    const state = buckets.objects.get("states/environments/prod/default.tfstate");

    const destroyed = await destroy();
    unprotected();
    const applied = await apply();

    for (const { exitCode, output } of [destroyed, applied]) {
      expect(exitCode).toBe(1);
      expect(output).toContain("Instance cannot be destroyed");
      expect(output).not.toMatch(/Destroying[.][.][.]|Modifying[.][.][.]/);
    }
    expect(buckets.objects.get("states/environments/prod/default.tfstate")).toBe(state);
  });

  test("is destroyed once its guard is taken out and its protection is off", async () => {
    await apply();

    const { exitCode, output } = await unprotect("prod", "states");
    unprotected();
    const applied = await apply();
    const destroyed = await destroy();

    expect(output).toContain("1. set deletion_protection = false in terraform/environments/prod/main.tf");
    expect(exitCode).toBe(0);
    expect(applied.output).toMatch(/Apply complete! Resources: 0 added, [1-9]\d* changed, 0 destroyed/);
    expect(destroyed.output).toMatch(/Destroy complete! Resources: [1-9]\d+ destroyed/);
  });

  test("gets its guard back with the next apply", async () => {
    await apply();
    await unprotect("prod", "states");

    const applied = await apply();

    expect(applied.output).toMatch(/Apply complete! Resources: 1 added, 0 changed, 0 destroyed/);
  });

  test("is named when it has no guard, and when there is none of the name", async () => {
    const unknown = await unprotect("nowhere", "states");
    const neverApplied = await unprotect("prod", "states");

    expect(unknown).toEqual({ exitCode: 1, output: expect.stringMatching(/: expected an environment of terraform/) });
    expect(neverApplied.exitCode).toBe(1);
    expect(neverApplied.output).toMatch(/the guard could not be taken out of the state: is prod protected\?\n$/);
  });
});
