import type { EmulatorName } from "./emulator-facts.ts";
import type { Firebase, Pids } from "./firebase.ts";
import { firestoreCommits } from "./firestore-commits.ts";
import { httpGet } from "./http-get.ts";
import { NoEmulatorsError } from "./no-emulators-error.ts";
import { until } from "./until.ts";

export interface Expected {
  /** Emulators that firebase-tools starts. */
  readonly names: readonly EmulatorName[];
  /** `host:port` of each. */
  readonly hosts: Readonly<Record<EmulatorName, string>>;
  /** True if it may have to download one of them first. */
  readonly downloads: boolean;
}

/** Probes that tell whether an emulator at `host:port` works. */
const probes: Readonly<Record<EmulatorName, (host: string) => Promise<boolean>>> = {
  firestore: firestoreCommits,
  pubsub: async (host) => (await httpGet(host))?.status === 200,
};

/** Waits until firebase-tools reports each emulator's process and each emulator works. Throws if it exits before. */
export async function whenReady(firebase: Firebase, { names, hosts, downloads }: Expected): Promise<Pids> {
  let end: string | undefined;
  firebase.ended.then((said) => {
    end = said;
  });
  let pids: Pids = {};
  const areNamed = async () => {
    pids = await firebase.pids();
    return names.every((name) => pids[name] !== undefined);
  };
  // firebase-tools exits if an emulator does not start; the time limit is only for one that hangs.
  const untilItEndsOr = (condition: () => Promise<boolean>) =>
    until(async () => end !== undefined || (await condition()), "the emulators are ready", {
      withinMs: downloads ? 900_000 : 120_000,
    });
  // Probe Firestore while Pub/Sub still starts.
  await Promise.all([untilItEndsOr(areNamed), ...names.map((name) => untilItEndsOr(() => probes[name](hosts[name])))]);
  if (end === undefined) return pids;

  const said = (end as string).trim().split("\n");
  const fault = said.findLast((line) => line.startsWith("Error: "))?.slice("Error: ".length) ?? "";
  if (downloads && /download failed|Failed to make request/.test(fault)) throw NoEmulatorsError.forDownload(fault);
  throw new Error(`firebase-tools exited before the emulators were ready:\n${said.slice(-15).join("\n")}`);
}
