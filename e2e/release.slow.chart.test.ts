import { execFile, execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { expect, jest, test } from "@jest/globals";
import manifest from "../package.json" with { type: "json" };

// Fetches a Node the first time.
jest.setTimeout(300_000);

const root = join(import.meta.dirname, "..");
const { version } = manifest;
const release = join(root, "packaging", "release.mjs");
const platform = `${process.platform}-${process.arch}`;

test("a dry run makes all that a release publishes, with its sums, its notes and the packages that are in it", async () => {
  const folder = temporaryFolder().path;
  const args = [release, "--dry-run", "--without-image", "--only", platform, "--folder", folder];

  await promisify(execFile)(process.execPath, args, { cwd: root });
  const read = (file: string) => readFileSync(join(folder, file));
  const files = readdirSync(folder);

  expect(files.sort()).toEqual(
    [
      "LICENSES",
      "RELEASE_NOTES.md",
      "SHA256SUMS",
      `activity-events-${version}.cdx.json`,
      `activity-events-${version}.tgz`,
      `activity-events-client-${version}.tgz`,
      `activity-events-mirror-${version}.zip`,
      `activity-events-proto-${version}.zip`,
      `activity_client-${platform}`,
      `activity_server-${platform}`,
    ].sort(),
  );
  const sums = read("SHA256SUMS").toString().trim().split("\n");
  expect(sums).toEqual(
    files
      .filter((file) => file !== "SHA256SUMS")
      .map((file) => `${createHash("sha256").update(read(file)).digest("hex")}  ${file}`),
  );
  expect(read("RELEASE_NOTES.md").toString()).toMatch(/^### \w+\n/);
  // What is in the binaries names its licence; what is named there is in the bill of materials.
  const bill = JSON.parse(read(`activity-events-${version}.cdx.json`).toString());
  const listed = bill.components.map((one: { name: string; version: string }) => `${one.name} ${one.version}`);
  const licensed = [
    ...read("LICENSES")
      .toString()
      .matchAll(/^(@?[\w./-]+ \d+\.\d+\.\d\S*): /gm),
  ].map(([, title]) => title);
  expect(licensed.length).toBeGreaterThan(30);
  expect(licensed.filter((title) => !listed.includes(title))).toEqual([]);
  const protos = execFileSync("python3", ["-m", "zipfile", "-l", join(folder, `activity-events-proto-${version}.zip`)]);
  expect(protos.toString()).toContain("activityevents/v1/activity_events_service.proto");
});

test.each(["", "."])("a folder that holds something is left as it is: %j", (place) => {
  const folder = temporaryFolder().path;
  writeFileSync(join(folder, "thesis.txt"), "mine");
  const args = [release, "--dry-run", "--without-image", "--folder", place === "" ? "" : folder];

  const { status, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });

  expect(stderr).toMatch(/^release: the folder .* is not empty; name one that is empty or not there yet[.]\n$/);
  expect(status).toBe(1);
  expect(readdirSync(folder)).toEqual(["thesis.txt"]);
});

test("a release is refused that is not what its tag names", () => {
  const { status, stderr } = spawnSync(process.execPath, [release, "--without-image"], { cwd: root, encoding: "utf8" });

  expect(stderr).toMatch(/^release: the checkout (has changes|is not that of the tag v)/);
  expect(status).toBe(1);
});
