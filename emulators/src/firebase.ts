import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { type EmulatorName, emulatorFacts, emulatorNames } from "./emulator-facts.ts";
import type { Java } from "./find-java.ts";
import { freePort } from "./free-port.ts";
import { httpGet } from "./http-get.ts";
import type { Reaper } from "./start-reaper.ts";

const host = "127.0.0.1";
const configFile = join(import.meta.dirname, "..", "firebase.json");

/** The port of each emulator. */
export type Ports = Readonly<Record<EmulatorName, number>>;

/** The process id of each emulator that firebase-tools has started. */
export type Pids = Readonly<Partial<Record<EmulatorName, number>>>;

interface FirebaseConfig {
  readonly emulators: Readonly<Record<EmulatorName, { readonly port: number }>>;
}

/** The usual ports. Source: firebase.json. */
export function usualPorts(): Ports {
  const { emulators } = JSON.parse(readFileSync(configFile, "utf8")) as FirebaseConfig;
  return { firestore: emulators.firestore.port, pubsub: emulators.pubsub.port };
}

export interface FirebaseOptions {
  /** The emulators to start. */
  readonly names: readonly EmulatorName[];
  readonly ports: Ports;
  /** What firebase-tools is to start instead of what it downloads. */
  readonly binaries: readonly { readonly name: EmulatorName; readonly path: string }[];
  readonly java: Java;
  readonly environment: NodeJS.ProcessEnv;
  readonly reaper: Reaper;
}

/** firebase-tools while it runs the emulators. */
export interface Firebase {
  /** Resolves, with what it said last, when it has ended. */
  readonly ended: Promise<string>;
  /** The emulators that it has started so far. */
  pids(): Promise<Pids>;
}

/** Starts `firebase emulators:start` in the run's own folder, where its logs and its other files go, too. */
export async function startFirebase(options: FirebaseOptions): Promise<Firebase> {
  const { names, binaries, java, environment, reaper } = options;
  const hubPort = await freePort();
  const config = join(reaper.folder, "firebase.json");
  writeFileSync(config, JSON.stringify(await configFor(options.ports, hubPort)));
  const script = createRequire(import.meta.url).resolve("firebase-tools/lib/bin/firebase.js");
  const only = ["--project", "demo-activity", "--only", names.join(","), "--config", config];
  const child = spawn(process.execPath, [script, "emulators:start", ...only], {
    cwd: reaper.folder,
    // Ctrl-C on the terminal is the launcher's to act on.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...environment,
      ...reaper.mark,
      ...Object.fromEntries(binaries.map(({ name, path }) => [emulatorFacts[name].binaryVariable, path])),
      JAVA_HOME: java.home,
      PATH: [join(java.home, "bin"), environment.PATH ?? ""].join(delimiter),
      // It leaves a note on the running hub in the one, and what it knows of its user in the other.
      TMPDIR: reaper.folder,
      XDG_CONFIG_HOME: reaper.folder,
    },
  });
  if (child.pid !== undefined) reaper.tell(child.pid);
  return { ended: endOf(child), pids: () => pidsFrom(`${host}:${hubPort}`) };
}

/** firebase.json with the ports of this run; those that nobody has to know are free ones. */
async function configFor(ports: Ports, hubPort: number): Promise<unknown> {
  const { emulators } = JSON.parse(readFileSync(configFile, "utf8"));
  return {
    emulators: {
      ...emulators,
      firestore: { ...emulators.firestore, port: ports.firestore, websocketPort: await freePort() },
      pubsub: { ...emulators.pubsub, port: ports.pubsub },
      hub: { ...emulators.hub, port: hubPort },
      logging: { ...emulators.logging, port: await freePort() },
    },
  };
}

/** Waits for the end of a process; resolves with the last 4,000 characters that it wrote. */
async function endOf(child: ChildProcess): Promise<string> {
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      said = `${said}${text}`.slice(-4_000);
    });
  }
  const error = await once(child, "close").then(
    () => "",
    (cause: Error) => cause.message,
  );
  return `${said}${error}`;
}

/** Asks firebase-tools' hub. */
async function pidsFrom(hub: string): Promise<Pids> {
  const answer = await httpGet(hub, "/emulators");
  if (answer?.status !== 200) return {};
  const running = JSON.parse(answer.body) as Partial<Record<EmulatorName, { readonly pid?: number }>>;
  const pids = emulatorNames.map((name) => [name, running[name]?.pid]);
  return Object.fromEntries(pids.filter(([, pid]) => pid !== undefined));
}
