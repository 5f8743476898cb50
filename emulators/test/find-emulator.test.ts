import { join } from "node:path";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { expect, test } from "@jest/globals";
import { findEmulator } from "../src/find-emulator.ts";
import { fakeCommand, fakeLink } from "./fake-file.ts";

const firestoreInSdk = join("platform", "cloud-firestore-emulator", "cloud-firestore-emulator.jar");
const pubsubInSdk = join("platform", "pubsub-emulator", "bin", "cloud-pubsub-emulator");

/** A gcloud SDK with both emulators, and a PATH on which its gcloud is a link. */
function fakeSdk(folder: string): { root: string; PATH: string } {
  const root = join(folder, "lib", "google-cloud-sdk");
  fakeCommand(join(root, firestoreInSdk), "");
  fakeCommand(join(root, pubsubInSdk), "");
  const gcloud = fakeCommand(join(root, "bin", "gcloud"), "exit 1");
  fakeLink(join(folder, "bin", "gcloud"), gcloud);
  return { root, PATH: join(folder, "bin") };
}

test("one that runs comes first, then a file that is named, then the gcloud SDK's", async () => {
  using folder = temporaryFolder();
  const { root, PATH } = fakeSdk(folder.path);
  const named = { PATH, FIRESTORE_EMULATOR_BINARY_PATH: "/opt/firestore.jar" };
  const running = { ...named, FIRESTORE_EMULATOR_HOST: "localhost:8080" };

  expect(await findEmulator("firestore", running)).toEqual({
    kind: "running",
    host: "localhost:8080",
    variable: "FIRESTORE_EMULATOR_HOST",
  });
  expect(await findEmulator("firestore", named)).toEqual({
    kind: "binary",
    path: "/opt/firestore.jar",
    variable: "FIRESTORE_EMULATOR_BINARY_PATH",
  });
  expect(await findEmulator("firestore", { PATH })).toEqual({ kind: "sdk", path: join(root, firestoreInSdk), root });
});

test("each emulator has its own variables and its own place in the gcloud SDK", async () => {
  using folder = temporaryFolder();
  const { root, PATH } = fakeSdk(folder.path);

  expect(await findEmulator("pubsub", { PATH, FIRESTORE_EMULATOR_HOST: "localhost:8080" })).toEqual({
    kind: "sdk",
    path: join(root, pubsubInSdk),
    root,
  });
  expect(await findEmulator("pubsub", { PATH, PUBSUB_EMULATOR_HOST: "[::1]:8085" })).toEqual({
    kind: "running",
    host: "[::1]:8085",
    variable: "PUBSUB_EMULATOR_HOST",
  });
});

test("a gcloud that is a wrapper is asked where its SDK lies", async () => {
  using folder = temporaryFolder();
  const { root } = fakeSdk(folder.path);
  const wrapper = fakeCommand(
    join(folder.path, "wrapper", "gcloud"),
    `test "$*" = 'info --format=value(installation.sdk_root)' && echo '${root}'`,
  );

  const source = await findEmulator("pubsub", { PATH: join(wrapper, "..") });

  expect(source).toEqual({ kind: "sdk", path: join(root, pubsubInSdk), root });
});

test("where none is, it is downloaded", async () => {
  using folder = temporaryFolder();
  const gcloud = fakeCommand(join(folder.path, "sdk-without-emulators", "bin", "gcloud"), "exit 1");

  expect(await findEmulator("firestore", { PATH: join(gcloud, "..") })).toEqual({ kind: "download" });
  expect(await findEmulator("pubsub", { PATH: "" })).toEqual({ kind: "download" });
  expect(await findEmulator("pubsub", { PUBSUB_EMULATOR_HOST: "" })).toEqual({ kind: "download" });
});
