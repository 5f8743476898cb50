import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { removeTemporaryFolders, temporaryFolder } from "@activity-events/testing/temporary-folder";
import { until } from "@activity-events/testing/until";
import { afterEach, expect, test } from "@jest/globals";
import { newEvents } from "./builders.ts";
import { type Cloud, openCloud } from "./open-cloud.ts";
import { type RunningFunction, startFunction } from "./start-function.ts";
import { unzip } from "./unzip.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "..", "..", "..");
const framework = join("node_modules", "@google-cloud", "functions-framework");
let cloud: Cloud | undefined;
let running: RunningFunction | undefined;

afterEach(async () => {
  await running?.end("SIGKILL");
  await cloud?.close();
  removeTemporaryFolders();
});

async function pack(timeZone: string): Promise<string> {
  const file = join(temporaryFolder().path, "mirror.zip");
  await run(process.execPath, [join(root, "packaging", "package-mirror.mjs"), file], {
    env: { ...process.env, TZ: timeZone },
  });
  return file;
}

test("makes the same zip from the same sources", async () => {
  const [one, other] = await Promise.all([pack("UTC"), pack("Asia/Tokyo")]);

  const hashOf = async (file: string) =>
    createHash("sha256")
      .update(await readFile(file))
      .digest("hex");

  expect(await hashOf(one)).toBe(await hashOf(other));
});

test("runs from the zip, with nothing but functions-framework installed", async () => {
  const source = temporaryFolder().path;
  await mkdir(join(source, "node_modules", "@google-cloud"), { recursive: true });
  const files = unzip(await readFile(await pack("UTC")));
  for (const [name, content] of files) await writeFile(join(source, name), content);
  await symlink(join(root, framework), join(source, framework));
  cloud = await openCloud();
  running = await startFunction({ source, environment: { GOOGLE_CLOUD_PROJECT: cloud.projectId } });
  await cloud.append("release-42", newEvents(2));

  const data = Buffer.from(JSON.stringify({ kind: "poke", deploymentId: "release-42" })).toString("base64");
  const status = await running.post({ message: { data, messageId: "1", publishTime: "t" }, subscription: "s" });

  const licenses = ["LICENSE", "THIRD-PARTY-LICENSES"];
  expect([...files.keys()]).toEqual([...licenses, "index.js", "package-lock.json", "package.json"]);
  expect(`${files.get("THIRD-PARTY-LICENSES")}`).toMatch(/^@google-cloud\/pubsub \S+: Apache-2.0$/m);
  expect(status).toBe(204);
  const { events } = cloud;
  await until(() => events.received.length >= 2, "both have come");
  expect(events.of("release-42")).toEqual(["1", "2"]);
});
