import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { settings } from "./planned-environment.ts";
import { type StateBuckets, startStateBuckets } from "./state-buckets.ts";
import { makeWorkingCopy, type Outcome, run, type WorkingCopy } from "./working-copy.ts";

jest.setTimeout(300_000);

describe("npm run apply-environment", () => {
  let copy: WorkingCopy;
  let buckets: StateBuckets;
  let imageFile: string;

  beforeEach(async () => {
    copy = makeWorkingCopy();
    imageFile = join(dirname(copy.folder), "image");
    writeFileSync(imageFile, `${settings.TF_VAR_image}\n`);
    buckets = await startStateBuckets();
  });
  afterEach(async () => {
    await buckets?.[Symbol.asyncDispose]();
    copy?.remove();
  });

  const script = () => join(dirname(copy.folder), "deploy", "apply-environment.mjs");
  const apply = (...args: string[]): Promise<Outcome> =>
    run(process.execPath, [script(), ...args], dirname(copy.folder), {
      ...buckets.environment,
      TF_VAR_mirror_archive: settings.TF_VAR_mirror_archive,
    });
  const project = "-var=project_id=my-project";

  test("applies, keeps the state in the bucket, and finds nothing to do the second time", async () => {
    const first = await apply("dev", "states", imageFile, project);
    const again = await apply("dev", "states", imageFile, project);

    expect(first.output).toMatch(/Apply complete! Resources: [1-9]\d+ added, 0 changed, 0 destroyed/);
    expect(first.exitCode).toBe(0);
    expect(again.output).toContain("No changes.");
    expect(again.exitCode).toBe(0);
    expect([...buckets.objects.keys()]).toEqual(["states/environments/dev/default.tfstate"]);
    expect(buckets.objects.get("states/environments/dev/default.tfstate")).toContain(settings.TF_VAR_image);
    expect(readdirSync(join(copy.folder, "environments", "dev")).filter((file) => file.includes("plan"))).toEqual([]);
  });

  test("applies nothing when the plan fails, in a folder that knew another bucket", async () => {
    const elsewhere = ["init", "-backend-config=bucket=elsewhere"];
    await run("terraform", elsewhere, join(copy.folder, "environments", "dev"), buckets.environment);
    writeFileSync(imageFile, "europe-west1-docker.pkg.dev/my-project/activity-events/activity-events:latest\n");

    const { exitCode, output } = await apply("dev", "states", imageFile, project);

    expect(exitCode).toBe(1);
    expect(output.replace(/\s+[│ ]*\s*/g, " ")).toContain("image must name a digest");
    expect(output).toMatch(/apply-environment: terraform plan failed\.\n$/);
    expect(buckets.objects.get("states/environments/dev/default.tfstate") ?? "").not.toContain("my-project");
  });

  test("says what it needs, before it does anything", async () => {
    const unknown = await apply("nowhere", "states", imageFile);
    const imageless = await apply("dev", "states", join(dirname(imageFile), "none"));

    expect(unknown).toEqual({ exitCode: 1, output: expect.stringMatching(/: expected an environment of terraform/) });
    expect(imageless).toEqual({
      exitCode: 1,
      output: expect.stringMatching(/push-image wrote .* found no .*none\.\n$/),
    });
    expect(existsSync(join(copy.folder, "environments", "dev", ".terraform"))).toBe(false);
  });
});
