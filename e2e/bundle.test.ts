import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "@jest/globals";
import { askReflection } from "../run-service/test/reflection-client.ts";
import { ServiceClient } from "../run-service/test/service-client.ts";
import { bundleFolder } from "./bundle-folder.ts";
import { disconnectAll } from "./contract-client.ts";
import { cleanUp, temporaryFolder } from "./running-service.ts";

afterEach(async () => {
  disconnectAll();
  await cleanUp();
});

test("the bundle records, lists, follows, describes itself and is copied, with nothing but Node", async () => {
  const bundle = await bundleFolder();
  const dataDir = temporaryFolder();

  const { service, followed, listed, tailed } = await bundle.use({ dataDir });
  const client = new ServiceClient(service.address);
  const [described] = await askReflection(client, "v1", [{ listServices: "" }]);
  client.close();
  const copy = join(bundle.path, "copy.db");
  await bundle.run("service/backup", [copy], { DATA_DIR: dataDir });
  service.signal("SIGTERM");

  expect(followed).toEqual(["first", "second"]);
  expect(listed).toMatch(/first.*second/s);
  expect(tailed).toMatch(/first.*second/s);
  expect(described?.services).toContain("activityevents.v1.ActivityEventsService");
  expect(readFileSync(copy).includes("second")).toBe(true);
  expect(await service.exited).toEqual({ code: 0, signal: null });
});

test("the bundle names no place of the repository that it was made in", async () => {
  const bundle = await bundleFolder();
  const root = join(import.meta.dirname, "..");

  const files = globSync("**/*.cjs", { cwd: bundle.path });
  const naming = files.filter((file) => readFileSync(join(bundle.path, file), "utf8").includes(root));

  expect(files.length).toBeGreaterThan(3);
  expect(naming).toEqual([]);
});
