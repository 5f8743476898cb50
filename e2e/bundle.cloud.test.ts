import { randomProjectId } from "@activity-events/emulators";
import { disconnectAll } from "@activity-events/testing/contract-client";
import { cleanUp } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, expect, test } from "@jest/globals";
import { bundleFolder } from "./bundle-folder.ts";

afterEach(async () => {
  disconnectAll();
  await cleanUp();
});

const { FIRESTORE_EMULATOR_HOST = "", PUBSUB_EMULATOR_HOST = "", METADATA_SERVER_DETECTION = "" } = process.env;

test("the bundle records in Firestore, lists and follows, with nothing but Node", async () => {
  const bundle = await bundleFolder();
  const emulators = { FIRESTORE_EMULATOR_HOST, PUBSUB_EMULATOR_HOST, METADATA_SERVER_DETECTION };
  const environment = { STORE: "firestore", GOOGLE_CLOUD_PROJECT: randomProjectId(), ...emulators };

  const { service, followed, listed, tailed } = await bundle.use({ dataDir: temporaryFolder().path, environment });
  service.signal("SIGTERM");

  expect(followed).toEqual(["first", "second"]);
  expect(listed).toMatch(/first.*second/s);
  expect(tailed).toMatch(/first.*second/s);
  expect(await service.exited).toEqual({ code: 0, signal: null });
});
