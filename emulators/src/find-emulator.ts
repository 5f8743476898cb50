import { execFile } from "node:child_process";
import { access, realpath } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { type EmulatorName, emulatorFacts } from "./emulator-facts.ts";

/** Source of an emulator. */
export type EmulatorSource =
  /** Already running at `host:port`. */
  | { readonly kind: "running"; readonly host: string; readonly variable: string }
  /** A jar (Firestore) or command (Pub/Sub) named by the user, in the form that firebase-tools takes. */
  | { readonly kind: "binary"; readonly path: string; readonly variable: string }
  /** The gcloud SDK's file. */
  | { readonly kind: "sdk"; readonly path: string; readonly root: string }
  /** Not installed; firebase-tools downloads its own once. */
  | { readonly kind: "download" };

/** Finds an emulator: a running one, a named one, the gcloud SDK's, or firebase-tools' own, in this order. */
export async function findEmulator(name: EmulatorName, environment: NodeJS.ProcessEnv): Promise<EmulatorSource> {
  const { hostVariable, binaryVariable, inSdk } = emulatorFacts[name];
  const host = environment[hostVariable];
  if (host) return { kind: "running", host, variable: hostVariable };
  const binary = environment[binaryVariable];
  if (binary) return { kind: "binary", path: binary, variable: binaryVariable };
  for await (const root of sdkRoots(environment)) {
    if (await exists(join(root, inSdk))) return { kind: "sdk", path: join(root, inSdk), root };
  }
  return { kind: "download" };
}

/** Yields possible roots of the gcloud SDK: the folder of gcloud on PATH and, as that may be a wrapper, gcloud's own answer. */
async function* sdkRoots(environment: NodeJS.ProcessEnv): AsyncIterable<string> {
  for (const folder of (environment.PATH ?? "").split(delimiter)) {
    const gcloud = join(folder, "gcloud");
    if (folder === "" || !(await exists(gcloud))) continue;
    yield dirname(dirname(await realpath(gcloud)));
    const said = await new Promise<string>((resolve) => {
      const options = { env: environment, timeout: 20_000 };
      execFile(gcloud, ["info", "--format=value(installation.sdk_root)"], options, (_error, stdout) =>
        resolve(stdout.trim()),
      );
    });
    if (said !== "") yield said;
    return;
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
