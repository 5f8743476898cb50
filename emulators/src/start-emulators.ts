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
  /** What is looked at for hosts, binaries, Java and the gcloud SDK, and what the emulators get. */
  readonly environment: NodeJS.ProcessEnv;
  /** Where to start each; unset or 0, on a free one, so that runs do not meet. */
  readonly ports?: Partial<Ports>;
  /** Is told, in one line, what was taken. */
  readonly report: (line: string) => void;
}

/** The emulators, ready to be used. They keep everything in memory: what is stopped is lost. */
export interface Emulators {
  /** `host:port`, as FIRESTORE_EMULATOR_HOST takes it. */
  readonly firestoreHost: string;
  /** `host:port`, as PUBSUB_EMULATOR_HOST takes it. */
  readonly pubsubHost: string;
  /** The process to stop and continue when an outage is wanted; undefined for an emulator that ran before. */
  readonly firestorePid: number | undefined;
  readonly pubsubPid: number | undefined;
  /** Resolves, with a line about it, when one that was started here ends by itself. */
  readonly died: Promise<string>;
  /** Ends those that were started here, at once. */
  stop(): Promise<void>;
}

type Sources = Readonly<Record<EmulatorName, EmulatorSource>>;
type Hosts = Readonly<Record<EmulatorName, string>>;

/**
 * Finds the emulators and starts, through firebase-tools, those that do not run yet; done when each answers. However this
 * process ends, none of theirs is left. Throws a NoEmulatorsError where there can be none.
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

/** A variable that an ended emulator left behind would otherwise cost a minute of retries in each client. */
async function checkRunning(sources: Sources): Promise<void> {
  for (const source of Object.values(sources)) {
    if (source.kind !== "running" || (await httpGet(source.host)) !== undefined) continue;
    throw new Error(
      `nothing answers at ${source.host}, which ${source.variable} names: start it, or unset the variable`,
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

/** The wanted port, which must be free: another emulator that answers there would be taken for ours. */
async function portFor(name: EmulatorName, { kind }: EmulatorSource, wanted = 0): Promise<number> {
  if (wanted === 0) return freePort();
  if (kind === "running" || (await isFree(wanted))) return wanted;
  const { title, hostVariable, portVariable } = emulatorFacts[name];
  throw new Error(
    `port ${wanted}, where the ${title} emulator goes, is taken: stop what listens there, set ${portVariable} or, if it is an emulator that is to be used, ${hostVariable}=127.0.0.1:${wanted}`,
  );
}

/** The files that firebase-tools need not download. */
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
