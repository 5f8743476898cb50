import { beforeEach, describe, expect, test } from "@jest/globals";
import { Registry } from "prom-client";
import { deliveryGauges, type SetDeliveryGauges } from "../../src/delivery/prometheus.ts";
import { dayUs, deliveryHead, failedHead, hourUs, minuteUs, nowUs } from "./delivery-head-builder.ts";

let registry: Registry;
let setGauges: SetDeliveryGauges;

beforeEach(() => {
  registry = new Registry();
  setGauges = deliveryGauges(registry);
});

/** The samples of a scrape, without help and types. */
async function samples(): Promise<string[]> {
  const scraped = await registry.metrics();
  return scraped.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

const ofCheckout = 'service="checkout",environment="production"';

describe("the gauges of the delivery metrics", () => {
  test("say the five metrics of the last 30 days by service and environment", async () => {
    const failureTimeUs = nowUs - 3 * dayUs;
    setGauges(
      [
        failedHead(failureTimeUs),
        deliveryHead({ finishTimeUs: failureTimeUs + hourUs, commitTimeUs: failureTimeUs }),
        deliveryHead({ finishTimeUs: nowUs - 40 * dayUs }),
      ],
      nowUs,
    );

    expect(await samples()).toEqual([
      `activity_delivery_succeeded_per_day{${ofCheckout}} ${1 / 30}`,
      `activity_delivery_lead_time_median_seconds{${ofCheckout}} 3600`,
      `activity_delivery_lead_time_p90_seconds{${ofCheckout}} 3600`,
      `activity_delivery_change_fail_ratio{${ofCheckout}} 0.5`,
      `activity_delivery_recovery_time_median_seconds{${ofCheckout}} 3600`,
      `activity_delivery_recovery_time_p90_seconds{${ofCheckout}} 3600`,
      `activity_delivery_rework_ratio{${ofCheckout}} 1`,
      `activity_delivery_open_failures{${ofCheckout}} 0`,
      `activity_deployments_in_flight{${ofCheckout}} 0`,
      "activity_delivery_pairs_left_out 0",
    ]);
  });

  test("say what is in flight, and for how long since its start or else its first event", async () => {
    const running = { state: "running", outcome: "unspecified", finishTimeUs: undefined } as const;
    setGauges(
      [
        deliveryHead({ ...running, startTimeUs: nowUs - 5 * minuteUs }),
        deliveryHead({ ...running, state: "queued", startTimeUs: undefined, createTimeUs: nowUs - 9 * minuteUs }),
      ],
      nowUs,
    );

    expect(await samples()).toEqual(
      expect.arrayContaining([
        `activity_deployments_in_flight{${ofCheckout}} 2`,
        `activity_oldest_deployment_in_flight_age_seconds{${ofCheckout}} 540`,
      ]),
    );
  });

  test("forget a service of which nothing happened any more", async () => {
    setGauges([deliveryHead()], nowUs);
    setGauges([deliveryHead()], nowUs + 31 * dayUs);

    expect(await samples()).toEqual(["activity_delivery_pairs_left_out 0"]);
  });

  test("leave out the quietest pairs where there are too many, and say how many", async () => {
    const quiet = Array.from({ length: 501 }, (_, index) => deliveryHead({ service: `s${1_000 + index}` }));
    setGauges([...quiet, deliveryHead(), deliveryHead()], nowUs);

    const lines = await samples();

    expect(lines.filter((line) => line.startsWith("activity_deployments_in_flight{"))).toHaveLength(500);
    expect(lines).toContain(`activity_deployments_in_flight{${ofCheckout}} 0`);
    expect(lines).toContain("activity_delivery_pairs_left_out 2");
  });
});
