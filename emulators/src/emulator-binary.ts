import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { EmulatorName } from "./emulator-facts.ts";
import { manifestJar } from "./manifest-jar.ts";

/**
 * Makes a file through which firebase-tools starts the gcloud SDK's emulator; returns its path. The SDK's own file does not
 * work: Firestore's jar names no main class, and firebase-tools changes the file's mode, which only its owner may.
 */
export function emulatorBinary(name: EmulatorName, { path, folder }: { path: string; folder: string }): string {
  const binary = join(folder, name === "firestore" ? "firestore.jar" : "pubsub");
  writeFileSync(binary, name === "firestore" ? firestoreJar(path) : `#!/bin/sh\nexec ${quoted(path)} "$@"\n`);
  return binary;
}

function firestoreJar(path: string): Buffer {
  return manifestJar({
    mainClass: "com.google.cloud.datastore.emulator.firestore.CloudFirestore",
    classPath: pathToFileURL(path).href,
  });
}

/** Quotes a word for the shell. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
