import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { cleanUp, startService } from "@activity-events/testing/running-service";
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
  const [server, client] = ["activity_server", "activity_client"].map((name) => {
    const file = join(folder, name);
    cpSync(join(built, `${name}-${platform}`), file);
    return file;
  }) as [string, string];
  const dataDir = join(folder, "data");
  mkdirSync(dataDir);
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
  again.signal("SIGTERM");

  expect(readdirSync(folder).sort()).toEqual(["activity_client", "activity_server", "data"]);
  expect(listed).toMatch(/first\tone\n.*second\ttwo\n/);
  expect(tailed).toMatch(/first\tone\n.*second\ttwo\n/);
  expect(await again.exited).toEqual({ code: 0, signal: null });
  for (const file of [server, client]) {
    // A bare system has no others; Debian's smallest, for one, lacks the libatomic that newer lines of Node ask for.
    const libraries = execFileSync("ldd", [file], { encoding: "utf8" }).match(/(?<=^\s+)lib[\w+]+(?=\.so)/gm) ?? [];
    expect(libraries.sort()).toEqual(["libc", "libdl", "libgcc_s", "libm", "libpthread", "libstdc++"]);
    const said = execFileSync(file, ["--version"], { env: environment, encoding: "utf8" });
    expect(said).toMatch(/^activity_(server|client) (\S+) \([0-9a-f]{40}(-dirty)?\)\n$/);
    expect(said).toContain(` ${manifest.version} `);
  }
  const licenses = readFileSync(join(built, "LICENSES"), "utf8");
  expect(licenses).toMatch(/^Node 24\S+\n\n(.*\n)*.*Copyright Node.js contributors/m);
  expect(licenses).toMatch(/^pino \S+: MIT$/m);
  for (const file of [server, client]) {
    expect(execFileSync(file, ["--licenses"], { env: environment, encoding: "utf8" })).toBe(licenses);
  }
  const files = ["LICENSES", `activity_server-${platform}`, `activity_client-${platform}`];
  const sums = files.map((file) => {
    return `${createHash("sha256")
      .update(readFileSync(join(built, file)))
      .digest("hex")}  ${file}\n`;
  });
  expect(readFileSync(join(built, "SHA256SUMS"), "utf8")).toBe(sums.join(""));
});
