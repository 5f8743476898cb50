import { execFileSync } from "node:child_process";
import { cpus } from "node:os";
import { ActivityEventsClient } from "@activity-events/client";
import { randomProjectId, type Stack, startEmulators, startStack } from "@activity-events/emulators";
import { Firestore } from "@google-cloud/firestore";
import { PubSub } from "@google-cloud/pubsub";

// Measures the cloud setup on the emulators and prints a table. Compared rows take turns in one run. The emulators are
// not the platform, so only the ratios and counts are meaningful.

const rounds = 5;
const roundMs = 2_000;
/** List prices in US dollars, us-central1: per document read and written, and per byte published. */
const prices = { reads: 0.03 / 100_000, writes: 0.09 / 100_000, publishedByte: 40 / 2 ** 40 };
/** Smallest size that Pub/Sub bills for a request, in bytes. */
const requestBytesMin = 1_000;

/** Number of events and documents made so far, for unique ids. */
let made = 0;

const emulators = await startEmulators({
  environment: process.env,
  report: (line) => process.stderr.write(`${line}\n`),
});
process.env.FIRESTORE_EMULATOR_HOST = emulators.firestoreHost;
process.env.PUBSUB_EMULATOR_HOST = emulators.pubsubHost;
process.env.METADATA_SERVER_DETECTION = "none";
const projectId = randomProjectId();
const mirrorRuns: { readonly published: number }[] = [];
const stack = await startStack({
  environment: process.env,
  projectId,
  services: 1,
  sweepIntervalSeconds: 3_600,
  subscriber: false,
  onLine: (part, line) => {
    if (part === "mirror" && line.includes('"mirror run"')) mirrorRuns.push(JSON.parse(line));
  },
});
const firestore = new Firestore({ projectId });
const pubsub = new PubSub({ projectId });
const client = new ActivityEventsClient({ address: addressOf(stack), tls: false });
try {
  await measure();
} finally {
  client.close();
  await firestore.terminate();
  await pubsub.close();
  await stack.stop();
  await emulators.stop();
}

async function measure(): Promise<void> {
  const lines = [
    `Machine: ${cpus().length} × ${cpus()[0]?.model}; Node ${process.version}; commit ${commit()}; command: npm run bench:cloud`,
    "",
    `| CreateEvent against the library's \`create\` of one document, ${rounds} rounds of ${roundMs / 1_000} s in turn | median | minimum | maximum |`,
    "|---|---|---|---|",
  ];
  for (const inFlight of [1, 64]) {
    const ours: Round[] = [];
    const bare: Round[] = [];
    for (let round = 0; round < rounds; round += 1) {
      ours.push(await run(inFlight, createEvent));
      bare.push(await run(inFlight, createDocument));
    }
    lines.push(
      row(
        `CreateEvent, ${inFlight} in flight, a second`,
        ours.map(({ rate }) => rate),
      ),
    );
    lines.push(
      row(
        `create, ${inFlight} in flight, a second`,
        bare.map(({ rate }) => rate),
      ),
    );
    lines.push(
      row(
        `CreateEvent / create, latency p50 ${inFlight} in flight`,
        ours.map((one, at) => one.p50 / (bare[at]?.p50 ?? 1)),
      ),
    );
  }
  lines.push("", ...(await arrivals()), "", ...(await costs()));
  process.stdout.write(`${lines.join("\n")}\n`);
}

interface Round {
  readonly rate: number;
  readonly p50: number;
}

async function createEvent(): Promise<void> {
  made += 1;
  // Over 64 deployments, so that a single head is not the bottleneck.
  await client.createEvent({
    event: { deploymentId: `bench-${made % 64}`, message: "one of very many, of the usual size" },
  });
}

async function createDocument(): Promise<void> {
  made += 1;
  await firestore
    .collection("bare")
    .doc(`document-${made}`)
    .create({ message: "one of very many, of the usual size", made });
}

async function run(inFlight: number, operation: () => Promise<void>): Promise<Round> {
  const latencies: number[] = [];
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (performance.now() - begun < roundMs) {
        const sent = performance.now();
        await operation();
        latencies.push(performance.now() - sent);
      }
    }),
  );
  return { rate: (latencies.length * 1_000) / (performance.now() - begun), p50: percentile(latencies, 0.5) };
}

/** Measures the time from the answer of CreateEvent to the arrival at a subscriber. */
async function arrivals(): Promise<string[]> {
  const topic = pubsub.topic(stack.eventsTopic);
  const [subscription] = await topic.createSubscription("bench-arrivals", { enableMessageOrdering: true });
  const arrived = new Map<string, number>();
  subscription.on("message", (message) => {
    arrived.set(message.attributes["ce-id"] ?? "", performance.now());
    message.ack();
  });
  const delays: number[] = [];
  for (let index = 0; index < 200; index += 1) {
    const eventId = `arrival-${index}`;
    await client.createEvent({ event: { deploymentId: `arrivals-${index % 20}`, eventId, message: "on its way" } });
    const answered = performance.now();
    while (!arrived.has(eventId)) await new Promise((resolve) => setTimeout(resolve, 1));
    delays.push((arrived.get(eventId) ?? 0) - answered);
  }
  await subscription.close();
  const [p50, p99] = [0.5, 0.99].map((share) => percentile(delays, share).toFixed(1));
  return [
    "| From the answer of CreateEvent to a subscriber, 200 isolated events | p50 | p99 |",
    "|---|---|---|",
    `| milliseconds | ${p50} | ${p99} |`,
  ];
}

/** Measures documents read and written and bytes published per event, and the cost of a million events. */
async function costs(): Promise<string[]> {
  const lines = [
    "| For each event, without followers | reads | writes | publish requests | commits | $ a million |",
    "|---|---|---|---|---|---|",
  ];
  for (const [name, bursts, size] of [
    ["isolated", 40, 1],
    ["in bursts of 20", 10, 20],
  ] as const) {
    const events = bursts * size;
    mirrorRuns.length = 0;
    for (let burst = 0; burst < bursts; burst += 1) {
      const deploymentId = `cost-${size}`;
      await Promise.all(
        Array.from({ length: size }, () => client.createEvent({ event: { deploymentId, message: "counted" } })),
      );
      await mirrored(deploymentId, (burst + 1) * size);
    }
    const { docs } = await firestore.collection("deployments").doc(`cost-${size}`).collection("events").get();
    const commits = new Set(docs.map((document) => document.get("commit_id"))).size;
    const publishing = mirrorRuns.filter(({ published }) => published > 0).length;
    // A run reads its position, the events, and the head after the last one; the sweep clears a flag once a minute.
    const reads = (events + 2 * mirrorRuns.length) / events;
    const writes = (events + commits + publishing) / events;
    const publishes = (commits + publishing) / events;
    const dollars =
      1_000_000 *
      (reads * prices.reads + writes * prices.writes + publishes * requestBytesMin * 2 * prices.publishedByte);
    lines.push(
      `| ${name} | ${reads.toFixed(2)} | ${writes.toFixed(2)} | ${publishes.toFixed(2)} | ${(commits / events).toFixed(2)} | ${dollars.toFixed(2)} |`,
    );
  }
  return lines;
}

async function mirrored(deploymentId: string, sequence: number): Promise<void> {
  for (;;) {
    const position = await firestore.collection("mirrors").doc(deploymentId).get();
    if ((position.get("mirrored_sequence") ?? 0) >= sequence) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function row(name: string, values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const show = (value: number | undefined) => (value ?? 0).toPrecision(3);
  return `| ${name} | ${show(percentile(sorted, 0.5))} | ${show(sorted[0])} | ${show(sorted.at(-1))} |`;
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function addressOf({ services }: Stack): string {
  const [service] = services;
  if (service === undefined) throw new Error("the stack has no service");
  return service.address;
}

function commit(): string {
  return execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
}
