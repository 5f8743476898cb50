import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { ServiceProcess } from "@activity-events/testing/service-process";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, expect, jest, test } from "@jest/globals";
import manifest from "../package.json" with { type: "json" };

// Fetches a Node the first time.
jest.setTimeout(300_000);

const root = join(import.meta.dirname, "..");
const platform = `${process.platform}-${process.arch}`;

afterEach(cleanUp);

test("one file each serves, records, lists and follows where there is no Node", async () => {
  const built = temporaryFolder().path;
  await promisify(execFile)(process.execPath, [
    join(root, "packaging", "binaries.mjs"),
    "--only",
    platform,
    "--folder",
    built,
  ]);
  const folder = temporaryFolder().path;
  const names = ["activity_server", "activity_client", "activity_page", "activity_webhooks"];
  const [server, client, page, webhooks] = names.map((name) => {
    const file = join(folder, name);
    cpSync(join(built, `${name}-${platform}`), file);
    return file;
  }) as [string, string, string, string];
  const dataDir = join(folder, "data");
  mkdirSync(dataDir);
  // Node's setting for a bounded memory, as the image has it.
  expect(readFileSync(client).includes("--max-semi-space-size=8")).toBe(true);
  // A folder without programs; and a setting that is meant for Node, not for ours.
  const environment = { PATH: dataDir, NODE_OPTIONS: "--no-such-flag" };

  const service = await startService({ command: [server], dataDir, environment });
  const run = async (...args: string[]) => {
    const env = { ...environment, ACTIVITY_ADDRESS: service.address };
    const { stdout } = await promisify(execFile)(client, [...args, "--deployment-id", "release-42"], {
      cwd: folder,
      env,
    });
    return stdout;
  };
  await run("add", "--event-id", "first", "--message", "one");
  await service.kill();
  const again = await startService({ command: [server], dataDir, environment, port: service.port });
  await run("add", "--event-id", "second", "--message", "two");
  const listed = await run("list");
  const tailed = await run("tail", "--no-follow");
  await using shown = new ServiceProcess({
    environment: { ...environment, PAGE_PORT: "0", ACTIVITY_ADDRESS: again.address },
    command: [page],
  });
  const { url } = await shown.line(({ message }) => message === "listening");
  const html = await (await fetch(`${url}/deployments`)).text();
  await using taking = new ServiceProcess({
    environment: { ...environment, WEBHOOKS_PORT: "0", ACTIVITY_ADDRESS: again.address },
    command: [webhooks],
  });
  const hook = await taking.line(({ message }) => message === "listening");
  const event = { specversion: "1.0", type: "t", source: "s", id: "third", subject: "d", data: {} };
  const { status } = await fetch(`${hook.url}/cloudevents`, {
    method: "POST",
    headers: { "content-type": "application/cloudevents+json" },
    body: JSON.stringify(event),
  });
  again.signal("SIGTERM");

  expect(readdirSync(folder).sort()).toEqual([...names, "data"].toSorted());
  expect(status).toBe(201);
  expect(listed).toMatch(/first\tone\n.*second\ttwo\n/);
  expect(tailed).toMatch(/first\tone\n.*second\ttwo\n/);
  expect(html).toMatch(/<script type="module" src="\/assets\/app-/);
  expect(await again.exited).toEqual({ code: 0, signal: null });
  for (const file of [server, client, page, webhooks]) {
    // A bare system has no others; Debian's smallest, for one, lacks the libatomic that newer lines of Node ask for.
    const libraries = execFileSync("ldd", [file], { encoding: "utf8" }).match(/(?<=^\s+)lib[\w+]+(?=\.so)/gm) ?? [];
    expect(libraries.sort()).toEqual(["libc", "libdl", "libgcc_s", "libm", "libpthread", "libstdc++"]);
    const said = execFileSync(file, ["--version"], { env: environment, encoding: "utf8" });
    expect(said).toMatch(/^activity_(server|client|page|webhooks) (\S+) \([0-9a-f]{40}(-dirty)?\)\n$/);
    expect(said).toContain(` ${manifest.version} `);
  }
  const licenses = readFileSync(join(built, "LICENSES"), "utf8");
  expect(licenses).toMatch(/^Node 24\S+\n\n(.*\n)*.*Copyright Node.js contributors/m);
  expect(licenses).toMatch(/^pino \S+: MIT$/m);
  for (const file of [server, client, page, webhooks]) {
    expect(execFileSync(file, ["--licenses"], { env: environment, encoding: "utf8" })).toBe(licenses);
  }
  const files = ["LICENSES", ...names.map((name) => `${name}-${platform}`)];
  const sums = files.map((file) => {
    return `${createHash("sha256")
      .update(readFileSync(join(built, file)))
      .digest("hex")}  ${file}\n`;
  });
  expect(readFileSync(join(built, "SHA256SUMS"), "utf8")).toBe(sums.join(""));
});
