import type { ConfigError } from "@activity-events/process/config-error";
import { expect, test } from "@jest/globals";
import { readConfig } from "../src/config.ts";

test("without settings, the usual ports and names", () => {
  expect(readConfig({})).toEqual({
    servicePort: 50_051,
    pagePort: 50_080,
    webhooksPort: 50_090,
    webhooksToken: "stack",
    emulatorPorts: { firestore: 8_080, pubsub: 8_085 },
    projectId: "demo-activity",
    pokeTopic: "activity-pokes",
    eventsTopic: "deployment-events",
    sweepIntervalSeconds: 60,
    environment: {},
  });
});

test("all that is wrong is told at once", () => {
  const faults = faultsOf({ PORT: "65536", FIRESTORE_PORT: "-1", PUBSUB_PORT: "", SWEEP_INTERVAL_SECONDS: "0" });

  expect(faults).toEqual([
    'PORT must be an integer from 0 to 65535; found "65536"',
    'FIRESTORE_PORT must be an integer from 0 to 65535; found "-1"',
    'SWEEP_INTERVAL_SECONDS must be an integer from 1 to 86400; found "0"',
  ]);
});

function faultsOf(environment: NodeJS.ProcessEnv): readonly string[] {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    return (error as ConfigError).faults;
  }
}
