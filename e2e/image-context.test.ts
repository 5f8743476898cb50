import { readFileSync } from "node:fs";
import { join, matchesGlob } from "node:path";
import { expect, test } from "@jest/globals";
import { sourcesOf } from "../packaging/bundle-programs.mjs";

const root = join(import.meta.dirname, "..");
const read = (file: string) => readFileSync(join(root, file), "utf8");
const programs = [...read("packaging/bundle.mjs").matchAll(/\{ \w+: "([\w/-]+)\/src\/main[.]ts" \}/g)].map(
  ([, folder = ""]) => folder,
);

test("the image's build sees every file that its programs are made of", async () => {
  const lines = read(".dockerignore").trim().split("\n");
  const taken = lines.flatMap((line) => /^!(.+)$/.exec(line)?.[1] ?? []);
  const isTaken = (file: string) => taken.some((path) => file === path || matchesGlob(file, `${path}/**`));

  const sources = await sourcesOf(Object.fromEntries(programs.map((folder) => [folder, `${folder}/src/main.ts`])));
  const ours = [...sources].filter((source) => /^[\w-]+\//.test(source) && !source.includes("node_modules/"));

  expect(programs).toHaveLength(4);
  expect(lines[1]).toBe("*");
  expect(ours.length).toBeGreaterThan(100);
  expect(ours.filter((source) => !isTaken(source))).toEqual([]);
});

test("the image's build installs the dependencies of every program", () => {
  const installed = [...read("Dockerfile").matchAll(/--workspace=(\S+)/g)].map(([, folder]) => folder);

  expect(installed.toSorted()).toEqual(programs.toSorted());
});
