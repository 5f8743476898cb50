import { execFile } from "node:child_process";
import { access, realpath } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { type EmulatorName, emulatorFacts } from "./emulator-facts.ts";

/** Where an emulator comes from. */
export type EmulatorSource =
  /** One that runs already, at `host:port`. */
  | { readonly kind: "running"; readonly host: string; readonly variable: string }
  /** A jar (Firestore) or a command (Pub/Sub) that the user named, in the form that firebase-tools takes. */
  | { readonly kind: "binary"; readonly path: string; readonly variable: string }
  /** The file that the gcloud SDK ships. */
  | { readonly kind: "sdk"; readonly path: string; readonly root: string }
  /** None is here: firebase-tools downloads its own, unless it did so before. */
  | { readonly kind: "download" };

/** Looks for an emulator: one that runs, one that is named, the gcloud SDK's, else firebase-tools' own. */
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

/** The roots of the gcloud SDK: where PATH's gcloud lies, and, since that may be a wrapper, what gcloud itself says. */
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
