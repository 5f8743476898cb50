import { spawnSync } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, expect, test } from "@jest/globals";
import { installClient } from "./installed-client.ts";
import { readmeExamples } from "./readme-examples.ts";

afterEach(cleanUp);

test("the README's programs compile against the packed SDK and print what the README shows", async () => {
  const { port } = await startService({ dataDir: temporaryFolder().path });
  const project = await installClient(process.execPath);
  const examples = readmeExamples().filter(({ prints }) => prints !== undefined);

  await project.compile();
  const printed = await project.run(process.execPath, port);

  expect(examples.length).toBeGreaterThan(4);
  expect(printed).toEqual(examples.map(({ prints }) => prints));
});

test("the packed SDK offers what the README says, and a path for the command line", async () => {
  const { folder } = await installClient(process.execPath);
  const program = `
    const names = async (path) => Object.keys(await import(path)).sort().join(" ");
    console.log(await names("@activity-events/client"));
    console.log((await names("@activity-events/client/internal")).includes("unaryCall"));
    console.log(await names("@activity-events/client/lib/limits.js").catch(({ code }) => code));
  `;

  const run = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
    cwd: folder,
    encoding: "utf8",
  });

  const [offered, ...others] = run.stdout.split("\n");
  expect(offered).toBe(
    "AccessError ActivityEventsClient ActivityEventsError CursorAheadError DeploymentSchema DeploymentStanding " +
      "DeploymentState EventSchema ExportRecordSchema Outcome ServiceFileError Severity escapeControls findService idOfParts parseServiceAddress partsOfId " +
      "readServiceSettings serviceFiles verifyDeployment",
  );
  expect(others).toEqual(["true", "ERR_PACKAGE_PATH_NOT_EXPORTED", ""]);
});

test("the packed SDK is JavaScript and types with a licence, and needs no package of this repository", async () => {
  const { folder } = await installClient(process.execPath);
  const installed = join(folder, "node_modules", "@activity-events");
  const packed = join(installed, "client");

  const files = globSync("**/*.*", { cwd: packed });
  const code = files.filter((file) => /[.](js|ts)$/.test(file)).map((file) => readFileSync(join(packed, file), "utf8"));
  const { private: isPrivate, exports, engines } = JSON.parse(readFileSync(join(packed, "package.json"), "utf8"));
  const targets = Object.values<object>(exports).flatMap((entry) => Object.values(entry));

  expect(globSync("*", { cwd: installed })).toEqual(["client"]);
  expect(files).toEqual(expect.arrayContaining(["README.md", "package.json"]));
  expect(readFileSync(join(packed, "LICENSE"), "utf8")).toContain("Apache License");
  expect(files.filter((file) => /(?<![.]d)[.]ts$/.test(file))).toEqual([]);
  expect(code.length).toBeGreaterThan(50);
  expect(code.filter((text) => /@activity-events\/|[.]ts"/.test(text))).toEqual([]);
  expect(targets.filter((target) => !existsSync(join(packed, target)))).toEqual([]);
  expect(targets).toHaveLength(4);
  expect([isPrivate, engines]).toEqual([undefined, { node: ">=20" }]);
});
