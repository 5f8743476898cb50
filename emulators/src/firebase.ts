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

/** Port of each emulator. */
export type Ports = Readonly<Record<EmulatorName, number>>;

/** Process id of each emulator that firebase-tools started. */
export type Pids = Readonly<Partial<Record<EmulatorName, number>>>;

interface FirebaseConfig {
  readonly emulators: Readonly<Record<EmulatorName, { readonly port: number }>>;
}

/** Reads the default ports from firebase.json. */
export function usualPorts(): Ports {
  const { emulators } = JSON.parse(readFileSync(configFile, "utf8")) as FirebaseConfig;
  return { firestore: emulators.firestore.port, pubsub: emulators.pubsub.port };
}

export interface FirebaseOptions {
  /** Emulators to start. */
  readonly names: readonly EmulatorName[];
  readonly ports: Ports;
  /** Files to start instead of firebase-tools' downloads. */
  readonly binaries: readonly { readonly name: EmulatorName; readonly path: string }[];
  readonly java: Java;
  readonly environment: NodeJS.ProcessEnv;
  readonly reaper: Reaper;
}

/** A running firebase-tools. */
export interface Firebase {
  /** Resolves with its last output when it exits. */
  readonly ended: Promise<string>;
  /** Returns the emulators started so far. */
  pids(): Promise<Pids>;
}

/** Starts `firebase emulators:start` in the folder of the run, which also gets its logs and other files. */
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
      // It writes the address of its hub to the one and its user settings to the other.
      TMPDIR: reaper.folder,
      XDG_CONFIG_HOME: reaper.folder,
    },
  });
  if (child.pid !== undefined) reaper.tell(child.pid);
  return { ended: endOf(child), pids: () => pidsFrom(`${host}:${hubPort}`) };
}

/** Makes a firebase.json with the ports of this run, and free ones for everything else. */
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

/** Waits for a process to exit; resolves with the last 4,000 characters of its output. */
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

/** Asks the hub of firebase-tools for the process ids. */
async function pidsFrom(hub: string): Promise<Pids> {
  const answer = await httpGet(hub, "/emulators");
  if (answer?.status !== 200) return {};
  const running = JSON.parse(answer.body) as Partial<Record<EmulatorName, { readonly pid?: number }>>;
  const pids = emulatorNames.map((name) => [name, running[name]?.pid]);
  return Object.fromEntries(pids.filter(([, pid]) => pid !== undefined));
}
