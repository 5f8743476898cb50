import { expect, test } from "@jest/globals";
import { readConfig } from "../src/config.ts";

const needed = { GOOGLE_CLOUD_PROJECT: "p", PUBSUB_ENDPOINT: "europe-west1-pubsub.googleapis.com" };

test("has defaults for all but the project and the region's endpoint", () => {
  expect(readConfig({ ...needed, POKE_TOPIC: "" })).toEqual({
    projectId: "p",
    databaseId: "(default)",
    pokeTopic: "activity-pokes",
    eventsTopic: "deployment-events",
    pubsubEndpoint: "europe-west1-pubsub.googleapis.com",
    runEventsMax: 1_000,
    logLevel: "info",
  });
});

test("takes the emulator before the endpoint", () => {
  expect(readConfig({ ...needed, PUBSUB_EMULATOR_HOST: "127.0.0.1:8085" }).pubsubEndpoint).toBe("127.0.0.1:8085");
});

test("names every fault at once", () => {
  const read = () => readConfig({ MIRROR_RUN_EVENTS_MAX: "0", LOG_LEVEL: "loud" });

  expect(read).toThrow(
    [
      "MIRROR_RUN_EVENTS_MAX must be an integer from 1; found 0",
      "LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, silent; found loud",
      "GOOGLE_CLOUD_PROJECT must be the project's id; it is not set",
      "PUBSUB_ENDPOINT must be Pub/Sub's host in one region, such as europe-west1-pubsub.googleapis.com; it is not set",
    ].join("\n"),
  );
});
