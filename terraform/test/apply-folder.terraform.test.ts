import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { type SlowCloud, startSlowCloud } from "./slow-cloud.ts";
import { type StateBuckets, startStateBuckets } from "./state-buckets.ts";
import { makeWorkingCopy, type Outcome, run, type WorkingCopy } from "./working-copy.ts";

jest.setTimeout(300_000);

const metric = `Error creating AlertPolicy: googleapi: Error 404: Cannot find metric(s) that match type = "logging.googleapis.com/user/activity-events/calls". If a metric was created recently, it could take up to 10 minutes to become available. Please try again soon.`;
const objective =
  "Error creating Slo: googleapi: Error 400: Invalid SLO definition: The metric referenced by the provided filter is unknown. Check the metric name and labels.";
const grant =
  "Error code 7, message: Build failed: Access to bucket gcf-v2-sources-1-europe-west1 denied. You must grant Storage Object Viewer permission to 1-compute@developer.gserviceaccount.com.";
const api =
  "googleapi: Error 403: Cloud Run Admin API has not been used in project 1 before or it is disabled. reason: SERVICE_DISABLED";

describe("a folder of Terraform on a cloud that takes its time", () => {
  let copy: WorkingCopy;
  let buckets: StateBuckets;
  let cloud: SlowCloud | undefined;

  beforeEach(async () => {
    copy = makeWorkingCopy();
    mkdirSync(join(copy.folder, "slow"));
    copy.write("slow/backend.tf", 'terraform {\n  backend "gcs" {\n    prefix = "slow"\n  }\n}\n');
    buckets = await startStateBuckets();
  });
  afterEach(async () => {
    await cloud?.[Symbol.asyncDispose]();
    await buckets?.[Symbol.asyncDispose]();
    copy?.remove();
  });

  // The clock is the script's own: each pause takes what it says, and no time.
  const apply = (): Promise<Outcome> => {
    const script = join(dirname(copy.folder), "apply.mjs");
    writeFileSync(
      script,
      `import { applyFolder } from "./deploy/apply-folder.mjs";
      let time = 0;
      const options = { bucket: "states", variables: [], tell: (line) => console.log("TOLD " + line) };
      const clock = { sleep: async (ms) => { time += ms; }, now: () => time };
      try {
        await applyFolder(${JSON.stringify(join(copy.folder, "slow"))}, { ...options, ...clock });
      } catch (error) {
        console.log("FAILED " + error.message + " " + time / 60_000 + " min");
        process.exitCode = 1;
      }`,
    );
    return run(process.execPath, [script], copy.folder, buckets.environment);
  };
  const told = (output: string) => output.match(/^(TOLD|FAILED) .*$/gm);

  test("is planned and applied again until metrics, grants and APIs are there", async () => {
    cloud = await startSlowCloud({ first: [api, grant], alert: [metric, metric], objective: [objective] });
    copy.write(
      "slow/main.tf",
      cloud.resource("first") + cloud.resource("alert", "first") + cloud.resource("objective", "first"),
    );

    const { exitCode, output } = await apply();

    expect(told(output)).toEqual([
      "TOLD waiting for the APIs to be switched on, then it goes on; 15 minutes left.",
      "TOLD waiting for the new grants to take effect, then it goes on; 15 minutes left.",
      "TOLD waiting for Cloud Monitoring to know the new metrics, then it goes on; 14 minutes left.",
      "TOLD waiting for Cloud Monitoring to know the new metrics, then it goes on; 14 minutes left.",
    ]);
    expect(output).toContain("Apply complete!");
    expect(exitCode).toBe(0);
    expect(cloud.calls.filter((call) => call === "first")).toHaveLength(3);
    expect(cloud.calls.filter((call) => call === "objective")).toHaveLength(2);
  });

  test("is not tried again when another error stands beside what would come", async () => {
    cloud = await startSlowCloud({ alert: [metric], topic: ["googleapi: Error 403: Permission denied."] });
    copy.write("slow/main.tf", cloud.resource("alert") + cloud.resource("topic"));

    const { exitCode, output } = await apply();

    expect(told(output)).toEqual(["FAILED terraform apply failed. 0 min"]);
    expect(exitCode).toBe(1);
  });

  test("is given up after 15 minutes, with what it waited for", async () => {
    cloud = await startSlowCloud({ alert: Array<string>(100).fill(metric) });
    copy.write("slow/main.tf", cloud.resource("alert"));

    const { output } = await apply();

    expect(told(output)?.at(-1)).toBe(
      "FAILED terraform apply failed. It waited 15 minutes for Cloud Monitoring to know the new metrics; run it again later. 15 min",
    );
    expect(cloud.calls).toHaveLength(31);
  });
});
