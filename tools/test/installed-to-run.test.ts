import { expect, test } from "@jest/globals";
import { sourcesOf } from "../../packaging/bundle-programs.mjs";
import { runningWorkspaces } from "../set-up.mjs";
import { installedBytes, packagesToRun } from "./installed-packages.ts";

/** Most that `npm start` may put into node_modules, in MB; an older machine's Node comes on top. */
const startMbMax = 150;

test("npm start installs little", () => {
  const folders = packagesToRun(runningWorkspaces);

  const mb = installedBytes(folders) / 1e6;
  process.stderr.write(`npm start installs ${mb.toFixed(0)} MB\n`);
  expect(mb).toBeLessThanOrEqual(startMbMax);
  // The count is of packages that are there.
  expect(mb).toBeGreaterThan(20);
});

test("npm start installs every package that its programs import", async () => {
  const folders = packagesToRun(runningWorkspaces, { optionalPeers: true });

  const sources = await sourcesOf({
    service: "run-service/src/main.ts",
    page: "metrics-service/src/main.ts",
    client: "cli/src/main.ts",
    demo: "demo/src/main.ts",
    webhooks: "functions/webhooks/src/main.ts",
  });

  const imported = new Set(
    [...sources].flatMap((source) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(source)?.[1] ?? []),
  );
  expect(imported.size).toBeGreaterThan(20);
  // The page is built when it starts.
  expect(folders).toContain("node_modules/esbuild");
  expect([...imported].filter((folder) => !folders.has(folder))).toEqual([]);
});
