import { mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { expect, test } from "@jest/globals";
import { findJava } from "../src/find-java.ts";
import { fakeCommand, fakeLink } from "./fake-file.ts";

/** A Java's home below `root`, whose java says that it is of this version. */
function fakeHome(root: string, name: string, version: string): string {
  fakeCommand(join(root, name, "bin", "java"), `echo 'openjdk version "${version}" 2026-01-20 LTS' >&2`);
  return join(root, name);
}

test("JAVA_HOME comes before PATH, even when PATH's is newer", async () => {
  using folder = temporaryFolder();
  const named = fakeHome(folder.path, "named", "21.0.4");
  const onPath = fakeHome(folder.path, "on-path", "25.0.1");

  const search = await findJava({ JAVA_HOME: named, PATH: join(onPath, "bin") });

  expect(search).toEqual({ kind: "found", java: { home: named, version: 21 } });
});

test("a JAVA_HOME that is too old, or leads nowhere, is passed over for PATH's", async () => {
  using folder = temporaryFolder();
  const old = fakeHome(join(folder.path, "elsewhere"), "old", "17.0.15");
  const onPath = fakeHome(folder.path, "on-path", "21");

  const past17 = await findJava({ JAVA_HOME: old, PATH: join(onPath, "bin") });
  const pastNothing = await findJava({ JAVA_HOME: join(folder.path, "nothing"), PATH: join(onPath, "bin") });

  expect(past17).toEqual({ kind: "found", java: { home: onPath, version: 21 } });
  expect(pastNothing).toEqual(past17);
});

test("every folder of PATH is looked into", async () => {
  using folder = temporaryFolder();
  const old = fakeHome(join(folder.path, "a"), "jdk", "17.0.15");
  const fit = fakeHome(join(folder.path, "b"), "jdk", "23.0.2");

  const search = await findJava({ PATH: ["", "/nowhere", join(old, "bin"), join(fit, "bin")].join(delimiter) });

  expect(search).toEqual({ kind: "found", java: { home: fit, version: 23 } });
});

test("beside the folder that the default java resolves into, the newest is taken", async () => {
  using folder = temporaryFolder();
  const jvm = join(folder.path, "lib", "jvm");
  const default17 = fakeHome(jvm, "java-17-openjdk", "17.0.15");
  fakeHome(jvm, "java-21-openjdk", "21.0.4");
  fakeHome(jvm, "temurin-25-jdk", "25.0.1");
  fakeLink(join(jvm, "java-1.25.0"), "temurin-25-jdk");
  fakeHome(jvm, "java-8-openjdk", "1.8.0_402");
  mkdirSync(join(jvm, "openjdk-17"));
  writeFileSync(join(jvm, ".java.jinfo"), "");
  const alternative = fakeLink(join(folder.path, "alternatives", "java"), join(default17, "bin", "java"));
  fakeLink(join(folder.path, "bin", "java"), alternative);

  const search = await findJava({ PATH: join(folder.path, "bin") });

  expect(search).toEqual({ kind: "found", java: { home: join(jvm, "temurin-25-jdk"), version: 25 } });
});

test("a java that does not run is none", async () => {
  using folder = temporaryFolder();
  const jvm = join(folder.path, "jvm");
  const broken = fakeCommand(join(jvm, "broken", "bin", "java"), "echo 'cannot execute binary file' >&2; exit 126");

  const search = await findJava({ JAVA_HOME: join(jvm, "broken"), PATH: join(broken, "..") });

  expect(search).toEqual({ kind: "missing", tooOld: [] });
});

test("where all are too old, they are named, with a Java 8 as 8", async () => {
  using folder = temporaryFolder();
  const java17 = fakeHome(folder.path, "java-17", "17.0.15");
  const java8 = fakeHome(folder.path, "java-8", "1.8.0_402");

  const search = await findJava({ PATH: join(java8, "bin") });

  expect(search).toEqual({
    kind: "missing",
    tooOld: [
      { home: java8, version: 8 },
      { home: java17, version: 17 },
    ],
  });
});

test("without JAVA_HOME and PATH there is none", async () => {
  const search = await findJava({});

  expect(search).toEqual({ kind: "missing", tooOld: [] });
});
