import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { disconnectAll } from "@activity-events/testing/contract-client";
import { askReflection } from "@activity-events/testing/reflection-client";
import { cleanUp } from "@activity-events/testing/running-service";
import { ServiceClient } from "@activity-events/testing/service-client";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, expect, test } from "@jest/globals";
import { build } from "esbuild";
import { bundleFolder } from "./bundle-folder.ts";

afterEach(async () => {
  disconnectAll();
  await cleanUp();
});

test("the bundle records, lists, follows, describes itself and is copied, with nothing but Node", async () => {
  const bundle = await bundleFolder();
  const dataDir = temporaryFolder().path;

  const { service, followed, listed, tailed } = await bundle.use({ dataDir });
  const client = new ServiceClient(service.address);
  const [described] = await askReflection(client, "v1", [{ listServices: "" }]);
  client.close();
  const copy = join(bundle.path, "copy.db");
  await bundle.run("service/activity_server", ["backup", copy], { DATA_DIR: dataDir });
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

test("the bundle is made of one copy of each package, and holds the licence of each", async () => {
  const bundle = await bundleFolder();
  const root = join(import.meta.dirname, "..");
  const entryPoints = ["run-service/src/main.ts", "cli/src/main.ts"];

  const { metafile } = await build({
    ...{ absWorkingDir: root, entryPoints, bundle: true, write: false, metafile: true },
    ...{ platform: "node", format: "esm", outdir: "out", logLevel: "silent" },
  });
  const inputs = Object.keys(metafile.inputs).join("\n");
  const folders = new Set(inputs.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/gm));
  const titles = [...folders].map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    return `${name} ${version}: ${license}`;
  });
  const sections = readFileSync(join(bundle.path, "THIRD-PARTY-LICENSES"), "utf8").split(`\n${"-".repeat(80)}\n\n`);
  const licensed = sections.flatMap((section) => section.slice(0, section.indexOf("\n\n")).split("\n"));

  expect(titles.length).toBeGreaterThan(50);
  expect(licensed.sort()).toEqual(titles.sort());
  for (const section of sections) expect(section).toMatch(/copyright/i);
  expect(readFileSync(join(bundle.path, "LICENSE"), "utf8")).toBe(readFileSync(join(root, "LICENSE"), "utf8"));
});
