import type { EmulatorName } from "./emulator-facts.ts";
import type { Firebase, Pids } from "./firebase.ts";
import { httpGet } from "./http-get.ts";
import { NoEmulatorsError } from "./no-emulators-error.ts";
import { until } from "./until.ts";

export interface Expected {
  /** The emulators that firebase-tools starts. */
  readonly names: readonly EmulatorName[];
  /** `host:port` of each. */
  readonly hosts: Readonly<Record<EmulatorName, string>>;
  /** Whether it downloads one of them first, unless it did so before. */
  readonly downloads: boolean;
}

/** Waits until firebase-tools names each emulator's process and each emulator answers; throws when it ends before. */
export async function whenReady(firebase: Firebase, { names, hosts, downloads }: Expected): Promise<Pids> {
  let end: string | undefined;
  firebase.ended.then((said) => {
    end = said;
  });
  let pids: Pids = {};
  const isReady = async () => {
    if (end !== undefined) return true;
    pids = await firebase.pids();
    if (names.some((name) => pids[name] === undefined)) return false;
    const answers = await Promise.all(names.map((name) => httpGet(hosts[name])));
    return answers.every((answer) => answer?.status === 200);
  };
  // firebase-tools ends by itself when one does not come up; this only ends a wait for what hangs.
  await until(isReady, "the emulators are ready", { withinMs: downloads ? 900_000 : 120_000 });
  if (end === undefined) return pids;

  const said = end.trim().split("\n");
  const fault = said.findLast((line) => line.startsWith("Error: "))?.slice("Error: ".length) ?? "";
  if (downloads && /download failed|Failed to make request/.test(fault)) throw NoEmulatorsError.forDownload(fault);
  throw new Error(`firebase-tools ended before the emulators were ready:\n${said.slice(-15).join("\n")}`);
}
