import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { until } from "@activity-events/testing/until";
import { expect, test } from "@jest/globals";
import { findJava } from "../src/find-java.ts";
import { httpGet } from "../src/http-get.ts";
import { markedProcesses } from "../src/marked-processes.ts";
import { type Emulators, startEmulators } from "../src/start-emulators.ts";
import { childrenOf, runsOf } from "./runs.ts";

// This process knows the emulators of the test run; those who start their own must not.
const { FIRESTORE_EMULATOR_HOST: _firestore, PUBSUB_EMULATOR_HOST: _pubsub, ...environment } = process.env;

function launch(): ChildProcess {
  const script = join(import.meta.dirname, "launch-emulators.ts");
  return spawn(process.execPath, [script], { env: environment, stdio: ["ignore", "pipe", "inherit"] });
}

function untilNoneIsLeft(run: string): Promise<void> {
  return until(() => markedProcesses(run).length === 0, `no process of run ${run} is left`);
}

test("starts both on ports of their own, says in one line what it took, and stops without a rest", async () => {
  const lines: string[] = [];

  const emulators = await startEmulators({ environment, report: (line) => lines.push(line) });
  const [run = ""] = runsOf([emulators.firestorePid]);
  const answers = await Promise.all([emulators.firestoreHost, emulators.pubsubHost].map((host) => httpGet(host)));
  const running = markedProcesses(run);
  await emulators.stop();

  expect(answers).toEqual([expect.objectContaining({ status: 200 }), expect.objectContaining({ status: 200 })]);
  expect(lines).toEqual([expect.stringMatching(/^Firestore .*, Pub\/Sub .*, Java \d+ in /)]);
  // firebase-tools is the third.
  expect(running).toEqual(expect.arrayContaining([emulators.firestorePid, emulators.pubsubPid]));
  expect(running).toHaveLength(3);
  expect(markedProcesses(run)).toEqual([]);
  expect(await httpGet(emulators.firestoreHost)).toBeUndefined();
  expect(await httpGet(emulators.pubsubHost)).toBeUndefined();
});

test("leaves no process when the launcher is killed", async () => {
  const launcher = launch();
  const [line] = await once(createInterface({ input: launcher.stdout as NodeJS.ReadableStream }), "line");
  const emulators = JSON.parse(line) as Emulators;
  const [run = ""] = runsOf([emulators.pubsubPid]);
  expect(markedProcesses(run)).not.toEqual([]);

  launcher.kill("SIGKILL");
  await once(launcher, "close");

  await untilNoneIsLeft(run);
  expect(await httpGet(emulators.firestoreHost)).toBeUndefined();
});

test("leaves no process when the launcher is killed while the emulators start", async () => {
  const launcher = launch();
  const runs = () => runsOf(childrenOf(launcher.pid));
  await until(() => runs().length > 0, "firebase-tools runs");
  const [run = ""] = runs();
  await until(() => markedProcesses(run).length > 1, "the first emulator starts");

  launcher.kill("SIGKILL");

  await untilNoneIsLeft(run);
});

test("uses those that run already, and leaves them running", async () => {
  const lines: string[] = [];

  const found = await startEmulators({ environment: process.env, report: (line) => lines.push(line) });
  await found.stop();

  expect(found).toMatchObject({ firestorePid: undefined, pubsubPid: undefined });
  expect(await httpGet(found.firestoreHost)).toMatchObject({ status: 200 });
  expect(await httpGet(found.pubsubHost)).toMatchObject({ status: 200 });
  expect(lines).toEqual([
    `Firestore running at ${found.firestoreHost} (FIRESTORE_EMULATOR_HOST), Pub/Sub running at ${found.pubsubHost} (PUBSUB_EMULATOR_HOST)`,
  ]);
});

test("starts only the one that does not run yet, and tells when it ends by itself", async () => {
  const { FIRESTORE_EMULATOR_HOST } = process.env;
  const emulators = await startEmulators({
    environment: { ...environment, FIRESTORE_EMULATOR_HOST },
    report: () => {},
  });

  process.kill(emulators.pubsubPid ?? 0, "SIGKILL");
  const death = await emulators.died;
  await emulators.stop();

  expect(emulators).toMatchObject({ firestoreHost: FIRESTORE_EMULATOR_HOST, firestorePid: undefined });
  expect(death).toBe("the Pub/Sub emulator exited");
});

test("refuses a port that is taken, with the way out", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  const starting = startEmulators({ environment, ports: { pubsub: port }, report: () => {} });

  await expect(starting).rejects.toThrow(
    `port ${port} of the Pub/Sub emulator is in use: stop the process that listens there, or set PUBSUB_PORT. To use an emulator that listens there, set PUBSUB_EMULATOR_HOST=127.0.0.1:${port}`,
  );
  server.close();
});

test("says what to do where the emulators are neither installed nor to be downloaded", async () => {
  using folder = temporaryFolder();
  const search = await findJava(environment);
  const home = search.kind === "found" ? search.java.home : "";

  const starting = startEmulators({
    environment: {
      JAVA_HOME: home,
      PATH: join(home, "bin"),
      FIREBASE_EMULATORS_PATH: folder.path,
      // Nobody listens at this port.
      HTTPS_PROXY: "http://127.0.0.1:9",
    },
    report: () => {},
  });

  await expect(starting).rejects.toThrow(
    /^the emulators are not installed and could not be downloaded \(.*\)\. Install /,
  );
});
