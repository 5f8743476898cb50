import { beforeEach, describe, expect, test } from "@jest/globals";
import { Registry } from "prom-client";
import { type KeptHead, retentionGauges, type SetRetentionGauges } from "../../src/delivery/retention-gauges.ts";
import { dayUs, hourUs, nowUs } from "./delivery-head-builder.ts";

let registry: Registry;
let setGauges: SetRetentionGauges;

beforeEach(() => {
  registry = new Registry();
  setGauges = retentionGauges(registry);
});

const keptHead = (environment: string, ageUs: number): KeptHead => ({ environment, updateTimeUs: nowUs - ageUs });

/** The samples of a scrape, without help and types. */
async function samples(): Promise<string[]> {
  const scraped = await registry.metrics();
  return scraped.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

describe("the gauges of retention", () => {
  test("count the deployments of each environment, and tell the age of the oldest by its last event", async () => {
    setGauges(
      [
        keptHead("production", hourUs),
        keptHead("production", 3 * dayUs),
        keptHead("", dayUs),
        keptHead("dev", -hourUs),
      ],
      nowUs,
    );

    expect(await samples()).toEqual([
      'activity_deployments{environment="production"} 2',
      'activity_deployments{environment=""} 1',
      'activity_deployments{environment="dev"} 1',
      `activity_oldest_deployment_age_seconds{environment="production"} ${3 * 86_400}`,
      `activity_oldest_deployment_age_seconds{environment=""} ${86_400}`,
      'activity_oldest_deployment_age_seconds{environment="dev"} 0',
      "activity_environments_left_out 0",
    ]);
  });

  test("forget an environment whose last deployment is gone", async () => {
    setGauges([keptHead("staging", dayUs)], nowUs);
    setGauges([], nowUs);

    expect(await samples()).toEqual(["activity_environments_left_out 0"]);
  });

  test("leave out the environments with the fewest deployments where there are too many, and say how many", async () => {
    const previews = Array.from({ length: 501 }, (_, index) => keptHead(`pr-${1_000 + index}`, hourUs));
    setGauges([...previews, keptHead("production", hourUs), keptHead("production", hourUs)], nowUs);

    const lines = await samples();

    expect(lines.filter((line) => line.startsWith("activity_deployments{"))).toHaveLength(500);
    expect(lines).toContain('activity_deployments{environment="production"} 2');
    expect(lines).toContain("activity_environments_left_out 2");
  });
});
