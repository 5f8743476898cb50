import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { buildPage } from "@activity-events/page/build-page";
import { disconnectAll } from "@activity-events/testing/contract-client";
import { askReflection } from "@activity-events/testing/reflection-client";
import { cleanUp } from "@activity-events/testing/running-service";
import { ServiceClient } from "@activity-events/testing/service-client";
import { ServiceProcess } from "@activity-events/testing/service-process";
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

test("the bundle's page shows what its service has, and is the page as it was built", async () => {
  const bundle = await bundleFolder();
  const { service } = await bundle.use({ dataDir: temporaryFolder().path });
  await using page = new ServiceProcess({
    program: join(bundle.path, "page", "activity_page.cjs"),
    environment: { PAGE_PORT: "0", ACTIVITY_ADDRESS: service.address },
  });
  const { url } = await page.line(({ message }) => message === "listening");

  const html = await (await fetch(`${url}/`)).text();
  const [script = ""] = html.match(/\/assets\/app-\w+[.]js/) ?? [];
  const code = await (await fetch(`${url}${script}`)).text();
  const listed = await (await fetch(`${url}/api/deployments`)).json();
  page.kill("SIGTERM");

  const built = (await buildPage()).get(script)?.body;
  expect(code).toBe(Buffer.from(built ?? []).toString());
  expect(code.length).toBeGreaterThan(1_000);
  expect(listed).toMatchObject({ deployments: [{ deploymentId: "release-42" }] });
  expect(await page.ended).toEqual({ code: 0, signal: null });
});

test("the bundle's webhooks record what they take in", async () => {
  const bundle = await bundleFolder();
  const { service } = await bundle.use({ dataDir: temporaryFolder().path });
  await using webhooks = new ServiceProcess({
    program: join(bundle.path, "webhooks", "activity_webhooks.cjs"),
    environment: { WEBHOOKS_PORT: "0", ACTIVITY_ADDRESS: service.address, WEBHOOKS_TOKEN: "secret" },
  });
  const { url } = await webhooks.line(({ message }) => message === "listening");
  const attributes = {
    "ce-specversion": "1.0",
    "ce-type": "com.example.t",
    "ce-source": "s",
    "ce-id": "e",
    "ce-subject": "release-7",
  };
  const send = (token: string) =>
    fetch(`${url}/cloudevents`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}`, ...attributes },
      body: "{}",
    });

  const statuses = [(await send("wrong")).status, (await send("secret")).status, (await send("secret")).status];
  const address = { ACTIVITY_ADDRESS: service.address };
  const listed = await bundle.run("client/activity_client", ["tail", "--no-follow"], address);
  webhooks.kill("SIGTERM");

  expect(statuses).toEqual([401, 201, 200]);
  expect(listed).toContain("com.example.t");
  expect(await webhooks.ended).toEqual({ code: 0, signal: null });
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
  const page = "metrics-service/page/src/main.tsx";
  const programs = ["run-service", "cli", "metrics-service", "functions/webhooks"].map((name) => `${name}/src/main.ts`);
  const entryPoints = [...programs, page];

  const { metafile } = await build({
    ...{ absWorkingDir: root, entryPoints, bundle: true, write: false, metafile: true },
    ...{ platform: "node", format: "esm", outdir: "out", logLevel: "silent" },
    ...{ jsx: "automatic", jsxImportSource: "preact", external: ["@activity-events/page/build-page"] },
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
