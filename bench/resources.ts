import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ActivityEventsClient } from "@activity-events/client";
import { randomProjectId, startEmulators } from "@activity-events/emulators";
import { freePort } from "@activity-events/testing/free-port";
import { cpuUs, residentBytes } from "./src/process-cost.ts";
import { Scratch } from "./src/scratch.ts";
import { bundleService } from "./src/servers/bundle-service.ts";
import { untilServing } from "./src/servers/until-serving.ts";
import { settledResidentBytes } from "./src/settled-resident-bytes.ts";

// Measures the needs of one instance with each store, for the requests and limits of the chart and of Terraform, and
// prints a table. Firestore and Pub/Sub are emulators: resource use is real, throughput depends on them.

/** Node's heap in MiB: half of the limit of 512 MiB. */
const heapMebibytes = 256;
const deployments = 100;
const loadMs = 20_000;

interface Load {
  readonly inFlight: number;
  readonly messageBytes: number;
}

/** A burst of the largest messages, and producers' usual load. */
const [burst, usual]: readonly [Load, Load] = [
  { inFlight: 2_000, messageBytes: 8_000 },
  { inFlight: 64, messageBytes: 100 },
];

const report = (line: string) => process.stderr.write(`${line}\n`);
const folder = mkdtempSync(join(tmpdir(), "activity-events-resources-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const service = await bundleService(join(folder, "bundle"));
const scratch = new Scratch({ parent: folder, service, keepIn: folder, report });
const emulators = await startEmulators({ environment: process.env, report });
const rows: string[] = [];
try {
  rows.push(await measure("sqlite", { DATA_DIR: await scratch.folder("data") }));
  const projectId = randomProjectId();
  await fetch(`http://${emulators.pubsubHost}/v1/projects/${projectId}/topics/activity-pokes`, { method: "PUT" });
  const environment = {
    GOOGLE_CLOUD_PROJECT: projectId,
    FIRESTORE_EMULATOR_HOST: emulators.firestoreHost,
    PUBSUB_EMULATOR_HOST: emulators.pubsubHost,
    METADATA_SERVER_DETECTION: "none",
  };
  rows.push(await measure("firestore", environment));
} finally {
  await emulators.stop();
}
const commit = execFileSync("git", ["rev-parse", "--short=12", "HEAD"], { encoding: "utf8" }).trim();
const machine = `${cpus().length} × ${cpus()[0]?.model}; Node ${process.version}; commit ${commit}`;
process.stdout.write(
  [
    `Machine: ${machine}; command: npm run bench:resources`,
    "",
    `| One instance | idle | at ${burst.inFlight} appends of ${burst.messageBytes} bytes at a time, most | appends a second then | CPU for 1,000 of these | at ${usual.inFlight} of ${usual.messageBytes} bytes | appends a second then | CPU for 1,000 of these |`,
    "|---|---|---|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n"),
);

/** Starts an instance, puts load on it, and returns its resource use. */
async function measure(store: string, environment: Readonly<Record<string, string>>): Promise<string> {
  const port = await freePort();
  const started = scratch.start({
    command: process.execPath,
    args: [`--max-old-space-size=${heapMebibytes}`, service],
    environment: { PATH: process.env.PATH, STORE: store, PORT: `${port}`, ...environment },
  });
  await untilServing(started, port);
  await sleep(5_000);
  const cells = [mebibytes(await settledResidentBytes(started.pid))];
  for (const load of [usual, burst]) cells.push(...(await underLoad(started.pid, port, load)));
  await started.stop();
  // The burst runs last, because its memory is not returned, but is first in the table.
  const [idle, ...loads] = cells;
  return `| ${[store, idle, ...loads.slice(3), ...loads.slice(0, 3)].join(" | ")} |`;
}

async function underLoad(pid: number, port: number, { inFlight, messageBytes }: Load): Promise<string[]> {
  const client = new ActivityEventsClient({ address: `127.0.0.1:${port}`, tls: false });
  const message = "x".repeat(messageBytes);
  let [appended, refused, mostBytes] = [0, 0, 0];
  const begun = performance.now();
  const cpuBefore = cpuUs(pid);
  const watch = setInterval(() => {
    mostBytes = Math.max(mostBytes, residentBytes(pid));
  }, 50);
  const append = async (_: unknown, index: number) => {
    while (performance.now() - begun < loadMs) {
      const event = { deploymentId: `d-${index % deployments}`, message };
      await client.createEvent({ event }).then(
        () => (appended += 1),
        () => (refused += 1),
      );
    }
  };
  await Promise.all(Array.from({ length: inFlight }, append));
  clearInterval(watch);
  const seconds = (performance.now() - begun) / 1_000;
  const cpuSeconds = (cpuUs(pid) - cpuBefore) / 1e6;
  client.close();
  if (refused > 0) report(`${refused} of ${appended + refused} appends were refused`);
  return [
    mebibytes(mostBytes),
    Math.round(appended / seconds).toLocaleString("en"),
    `${((1_000 * cpuSeconds) / appended).toFixed(2)} s`,
  ];
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
