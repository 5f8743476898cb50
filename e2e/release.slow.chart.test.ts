import { execFile, execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
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
      `activity_page-${platform}`,
      `activity_server-${platform}`,
      `activity_webhooks-${platform}`,
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
  expect(bill.metadata.component.name).toBe("activity-events");
  expect(bill.components.filter((one: { licenses?: object }) => one.licenses === undefined)).toEqual([]);
  const listed = bill.components.map((one: { name: string; version: string }) => `${one.name} ${one.version}`);
  const licensed = [
    ...read("LICENSES")
      .toString()
      .matchAll(/^(@?[\w./-]+ \d+\.\d+\.\d\S*): /gm),
  ].map(([, title]) => title);
  expect(licensed.length).toBeGreaterThan(30);
  expect(licensed.filter((title) => !listed.includes(title))).toEqual([]);
  const protos = execFileSync("python3", ["-m", "zipfile", "-l", join(folder, `activity-events-proto-${version}.zip`)]);
  for (const file of [
    "README.md",
    "buf.yaml",
    "proto/activityevents/v1/event.proto",
    "third-party-proto/google/rpc/status.proto",
  ]) {
    expect(protos.toString()).toContain(`\n${file} `);
  }
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

test("a release is refused whose images would be others tomorrow", () => {
  const copy = temporaryFolder().path;
  const sources = ["Dockerfile", "deploy/tools.Dockerfile", "cloudbuild.yaml", "cloudbuild.test.yaml", "package.json"];
  for (const source of ["packaging", "CHANGELOG.md", ...sources]) {
    cpSync(join(root, source), join(copy, source), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  writeFileSync(join(copy, ".gitignore"), "node_modules\n");
  writeFileSync(join(copy, "cloudbuild.yaml"), "    name: example.test/builder:latest\n");
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=A", "-c", "user.email=a@example.test", ...args], { cwd: copy });
  git("init", "--quiet");
  git("add", ".");
  git("commit", "--quiet", "--message", "all");
  git("tag", `v${version}`);

  const made = join(copy, "packaging", "release.mjs");
  const { status, stderr } = spawnSync(process.execPath, [made, "--without-image"], { cwd: copy, encoding: "utf8" });

  expect(status).toBe(1);
  expect(stderr).toMatch(/^release: images without a digest:\n/);
  expect(stderr).toContain("\ncloudbuild.yaml: example.test/builder:latest\n");
  expect(stderr).toMatch(/\nnpm run pin-images writes the digests; commit them before the tag[.]\n$/);
});
