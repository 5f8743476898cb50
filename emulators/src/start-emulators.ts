import { describeSources } from "./describe-sources.ts";
import { emulatorBinary } from "./emulator-binary.ts";
import { type EmulatorName, emulatorFacts, emulatorNames } from "./emulator-facts.ts";
import { type EmulatorSource, findEmulator } from "./find-emulator.ts";
import { findJava } from "./find-java.ts";
import { type Pids, type Ports, startFirebase } from "./firebase.ts";
import { freePort, isFree } from "./free-port.ts";
import { httpGet } from "./http-get.ts";
import { NoEmulatorsError } from "./no-emulators-error.ts";
import { startReaper } from "./start-reaper.ts";
import { watchPids } from "./watch-pids.ts";
import { whenReady } from "./when-ready.ts";

export interface EmulatorsOptions {
  /** Environment of the emulators; names hosts, binaries, Java and the gcloud SDK. */
  readonly environment: NodeJS.ProcessEnv;
  /** Ports; unset or 0 picks a free one, so that parallel runs do not collide. */
  readonly ports?: Partial<Ports>;
  /** Receives one line that describes the emulators in use. */
  readonly report: (line: string) => void;
}

/** Running emulators. They keep everything in memory. */
export interface Emulators {
  /** `host:port`, as FIRESTORE_EMULATOR_HOST takes it. */
  readonly firestoreHost: string;
  /** `host:port`, as PUBSUB_EMULATOR_HOST takes it. */
  readonly pubsubHost: string;
  /** Process to stop and continue for an outage; undefined for an emulator that was already running. */
  readonly firestorePid: number | undefined;
  readonly pubsubPid: number | undefined;
  /** Resolves with a message when an emulator started here exits. */
  readonly died: Promise<string>;
  /** Ends the emulators started here at once. */
  stop(): Promise<void>;
}

type Sources = Readonly<Record<EmulatorName, EmulatorSource>>;
type Hosts = Readonly<Record<EmulatorName, string>>;

/**
 * Finds the emulators, starts missing ones through firebase-tools, and waits until each answers. Their processes end with
 * this one, however it ends. Throws a NoEmulatorsError if this machine cannot run them.
 */
export async function startEmulators({ environment, ports = {}, report }: EmulatorsOptions): Promise<Emulators> {
  const sources: Sources = {
    firestore: await findEmulator("firestore", environment),
    pubsub: await findEmulator("pubsub", environment),
  };
  await checkRunning(sources);
  const names = emulatorNames.filter((name) => sources[name].kind !== "running");
  if (names.length === 0) {
    report(describeSources(sources));
    return { ...placesOf(hostsOf(sources), {}), died: new Promise(() => {}), stop: async () => {} };
  }

  const search = await findJava(environment);
  if (search.kind === "missing") throw NoEmulatorsError.forJava(search.tooOld);
  const { java } = search;
  const chosen: Ports = {
    firestore: await portFor("firestore", sources.firestore, ports.firestore),
    pubsub: await portFor("pubsub", sources.pubsub, ports.pubsub),
  };
  report(describeSources(sources, java));
  const reaper = startReaper();
  try {
    const binaries = binariesOf(sources, reaper.folder);
    const firebase = await startFirebase({ names, ports: chosen, binaries, java, environment, reaper });
    const hosts = hostsOf(sources, chosen);
    const pids = await whenReady(firebase, { names, hosts, downloads: binaries.length < names.length });
    const watch = watchPids(pids);
    const stop = async () => {
      watch.end();
      await reaper.close();
    };
    return { ...placesOf(hosts, pids), died: watch.died, stop };
  } catch (error) {
    await reaper.close();
    throw error;
  }
}

/** Checks emulators named by variables; otherwise a stale variable costs each client a minute of retries. */
async function checkRunning(sources: Sources): Promise<void> {
  for (const source of Object.values(sources)) {
    if (source.kind !== "running" || (await httpGet(source.host)) !== undefined) continue;
    throw new Error(
      `nothing answers at ${source.host} (${source.variable}): start the emulator, or unset the variable`,
    );
  }
}

function placesOf(hosts: Hosts, pids: Pids) {
  return {
    firestoreHost: hosts.firestore,
    pubsubHost: hosts.pubsub,
    firestorePid: pids.firestore,
    pubsubPid: pids.pubsub,
  };
}

/** Returns the wanted port, or a free one. Throws if it is in use, because another emulator there would pass for ours. */
async function portFor(name: EmulatorName, { kind }: EmulatorSource, wanted = 0): Promise<number> {
  if (wanted === 0) return freePort();
  if (kind === "running" || (await isFree(wanted))) return wanted;
  const { title, hostVariable, portVariable } = emulatorFacts[name];
  throw new Error(
    `port ${wanted} of the ${title} emulator is in use: stop the process that listens there, or set ${portVariable}. To use an emulator that listens there, set ${hostVariable}=127.0.0.1:${wanted}`,
  );
}

/** Returns the emulator files that firebase-tools does not have to download. */
function binariesOf(sources: Sources, folder: string): { name: EmulatorName; path: string }[] {
  return emulatorNames.flatMap((name) => {
    const source = sources[name];
    if (source.kind === "binary") return [{ name, path: source.path }];
    return source.kind === "sdk" ? [{ name, path: emulatorBinary(name, { path: source.path, folder }) }] : [];
  });
}

function hostsOf(sources: Sources, ports?: Ports): Hosts {
  const hostOf = (name: EmulatorName) => {
    const source = sources[name];
    return source.kind === "running" ? source.host : `127.0.0.1:${ports?.[name]}`;
  };
  return { firestore: hostOf("firestore"), pubsub: hostOf("pubsub") };
}
