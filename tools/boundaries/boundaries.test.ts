import { cpSync, globSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { removeTemporaryFolders, temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import {
  adaptersWithoutContractTest,
  cruiseBoundaries,
  filesUnseen,
  readRules,
  workspacesUnseen,
} from "./cruise-boundaries.ts";

let planted: string;

beforeAll(() => {
  planted = plantTree();
});

afterAll(removeTemporaryFolders);

test("every planted violation is caught by its rule, and nothing else is", async () => {
  const { violations } = await cruiseBoundaries(planted);

  const caught = new Set(violations.map(({ file, rule }) => `${file}: ${rule}`));
  expect([...caught].sort()).toEqual(
    violationsNamedIn(planted)
      .map(({ file, rule }) => `${file}: ${rule}`)
      .sort(),
  );
});

test("every rule has a planted violation and a reason", async () => {
  const rules = await readRules();

  // A file that the cruise cannot see cannot be planted either; the test of filesUnseen covers it.
  const provable = [...rules.keys()].filter((rule) => rule !== "every-file-is-seen");
  expect([...new Set(violationsNamedIn(planted).map(({ rule }) => rule))].sort()).toEqual(provable.sort());
  expect([...rules].filter(([, reason]) => reason === "")).toEqual([]);
});

test("a cruise that sees nothing is no success", () => {
  const files = filesUnseen(planted, []).map(({ file }) => file);

  expect(files).toContain("event-store/src/domain/event.ts");
  expect(files).toContain("proto/gen/v1/event_pb.js");
  expect(workspacesUnseen(planted, []).map(({ file }) => file)).toContain("run-service/");
});

test("a cruise that sees modules but none of their imports is no success", async () => {
  const { modules } = await cruiseBoundaries(planted);

  const blind = modules.map((source) => ({ source, dependencies: [] }));
  expect(workspacesUnseen(planted, blind).map(({ file }) => file)).toContain("event-store/");
});

test("a store without adapters is no success", () => {
  using bare = temporaryFolder();
  mkdirSync(join(bare.path, "event-store", "src", "domain"), { recursive: true });

  const violations = adaptersWithoutContractTest(bare.path, []);

  expect(violations).toEqual([{ rule: "every-adapter-has-a-contract-test", file: "event-store/src/" }]);
});

/**
 * Copies the planted tree to a folder of its own, where its packages find each other and the packages of others by
 * name, whether this project has those installed or not. Returns the folder.
 */
function plantTree(): string {
  const root = temporaryFolder().path;
  cpSync(join(import.meta.dirname, "planted"), root, { recursive: true });

  const installed = join(root, "node_modules");
  mkdirSync(join(installed, "@activity-events"), { recursive: true });
  for (const name of ["proto", "event-store", "run-service", "client", "process", "emulators", "testing"]) {
    symlinkSync(join(root, name), join(installed, "@activity-events", name), "junction");
  }
  for (const name of ["@google-cloud/firestore", "@google-cloud/pubsub", "@grpc/grpc-js", "fast-check", "pino"]) {
    mkdirSync(join(installed, name), { recursive: true });
    writeFileSync(join(installed, name, "package.json"), JSON.stringify({ name, version: "1.0.0", main: "index.js" }));
    writeFileSync(join(installed, name, "index.js"), "");
  }
  return root;
}

/** Expectations in the files of the planted tree (`caught by: …`) or of their folder (`this folder is …`). */
function violationsNamedIn(root: string): { file: string; rule: string }[] {
  return globSync("**/*.{ts,json}", { cwd: root, exclude: ["node_modules"] }).flatMap((file) => {
    const [, folder, rules = ""] =
      /(this folder is )?caught by: ([a-z, -]+)/.exec(readFileSync(join(root, file), "utf8")) ?? [];
    return rules
      .split(", ")
      .filter((rule) => rule !== "")
      .map((rule) => ({ file: folder ? `${dirname(file)}/` : file, rule }));
  });
}
