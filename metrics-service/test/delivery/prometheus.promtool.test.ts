import { spawnSync } from "node:child_process";
import { expect, test } from "@jest/globals";
import { Registry } from "prom-client";
import { deliveryGauges } from "../../src/delivery/prometheus.ts";
import { retentionGauges } from "../../src/delivery/retention-gauges.ts";
import { dayUs, deliveryHead, failedHead, nowUs } from "./delivery-head-builder.ts";

const check = (input: string) => {
  const { status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], { input, encoding: "utf8" });
  return { status, output: `${stdout}${stderr}` };
};

test("Prometheus reads the gauges, and finds no fault in their names and help texts", async () => {
  const registry = new Registry();
  const running = { state: "running", outcome: "unspecified", finishTimeUs: undefined } as const;
  const hostile = 'a "service"\\\n# HELP of many lines';
  const named = { service: hostile, environment: "" };
  deliveryGauges(registry)(
    [
      failedHead(nowUs - 3 * dayUs, named),
      deliveryHead({ ...named, commitTimeUs: nowUs - 2 * dayUs }),
      deliveryHead({ ...named, ...running }),
    ],
    nowUs,
  );
  retentionGauges(registry)([{ environment: hostile, updateTimeUs: nowUs - dayUs }], nowUs);
  const scraped = await registry.metrics();

  expect(check(scraped)).toEqual({ status: 0, output: "" });
  // The checker finds faults where there are some.
  expect(check(scraped.replaceAll("activity_deployments_in_flight", "activityDeployments_total")).status).not.toBe(0);
});
