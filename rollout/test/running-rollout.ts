import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { ActivityEventsClient } from "@activity-events/client";
import { cleanUp as endServices, type RunningService, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { until } from "@activity-events/testing/until";
import { FakeCloudRun } from "./fake-cloud-run.ts";

/** The repository's folder. */
export const root = join(import.meta.dirname, "..", "..");

/** An image by digest, one for each letter from a to f. */
export const imageOf = (letter: string) =>
  `europe-docker.pkg.dev/p/activity/activity-events@sha256:${letter.repeat(64)}`;

/** Never gets ready. */
export const broken = imageOf("b");
/** Gets ready, but answers NOT_SERVING: its Firestore is not there. */
export const sick = imageOf("f");

const nowhere = { STORE: "firestore", FIRESTORE_EMULATOR_HOST: "127.0.0.1:1", PUBSUB_EMULATOR_HOST: "127.0.0.1:1" };

const clouds = new Set<FakeCloudRun>();
const children = new Set<ChildProcess>();
const servers = new Set<Server>();

/** Ends all that was started here; for afterEach. */
export async function cleanUp(): Promise<void> {
  for (const child of children) endGroup(child);
  for (const cloud of clouds) cloud.close();
  for (const server of servers) server.close();
  await endServices();
}

/** With what npm started. */
function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // All of them have ended.
  }
}

/** Ends a process, which leads a group of its own, after the test, for sure. */
export function endAfterTest(child: ChildProcess): void {
  children.add(child);
}

/** A service on Cloud Run with one revision, whose revisions are real services. */
export async function cloudRun() {
  const services: RunningService[] = [];
  const start = async (image: string) => {
    if (image === broken) return undefined;
    const environment = image === sick ? { ...nowhere, GOOGLE_CLOUD_PROJECT: "nowhere" } : { STORE: "memory" };
    const service = await startService({ dataDir: temporaryFolder().path, environment });
    services.push(service);
    if (image === sick) await untilNotServing(service);
    return `http://${service.address}`;
  };
  const cloud = new FakeCloudRun({ start, image: imageOf("0") });
  clouds.add(cloud);
  await cloud.open();
  return { cloud, services };
}

async function untilNotServing({ address }: RunningService): Promise<void> {
  const client = new ActivityEventsClient({ address, tls: false });
  const status = () => client.checkHealth("", { timeoutMs: 10_000 });
  await until(async () => (await status()) !== "SERVING", "it tells that it does not serve");
  client.close();
}

/** Cloud Monitoring, which has counted so many requests by their HTTP status. */
export async function monitoring(counts: Readonly<Record<string, number>>): Promise<string> {
  const server = createServer(({ url = "" }, response) => {
    const latencies = [{ points: [{ value: { doubleValue: 12.4 } }] }];
    const requests = Object.entries(counts).map(([response_code, count]) => ({
      metric: { labels: { response_code } },
      points: [{ value: { int64Value: `${count}` } }],
    }));
    const isCount = /request_count.*response_code(&|$)/.test(url);
    response.end(JSON.stringify({ timeSeries: isCount ? requests : latencies }));
  });
  servers.add(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

export interface Run {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<{ readonly exitCode: number | null; readonly output: string }>;
}

interface LaunchOptions {
  /** Where Cloud Monitoring is; nowhere unless given. */
  readonly metrics?: string | undefined;
  readonly environment?: Readonly<Record<string, string>>;
  /** What is started; Node with the command's sources unless given. */
  readonly command?: readonly string[];
}

const sources = [process.execPath, join(root, "rollout", "src", "main.ts")];

/** Starts the command as a process of its own, with what it spawns in a group of their own. */
export function launch(
  { port }: { readonly port: number | undefined },
  line: string,
  { metrics = "http://127.0.0.1:1/", environment = {}, command = sources }: LaunchOptions = {},
): Run {
  const named = "--service activity-events --region region --project project";
  const [file = "", ...args] = [...command, ...`${line} ${named}`.split(" ")];
  const child = spawn(file, args, {
    cwd: root,
    detached: true,
    // A test that has failed may start one more when all others have been ended.
    timeout: 280_000,
    killSignal: "SIGKILL",
    env: {
      PATH: process.env.PATH,
      METADATA_SERVER_DETECTION: "none",
      ...(port === undefined ? {} : { CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN: `http://127.0.0.1:${port}/` }),
      CLOUDSDK_API_ENDPOINT_OVERRIDES_MONITORING: metrics,
      ...environment,
    },
  });
  endAfterTest(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const ended = once(child, "close").then(([exitCode]) => ({ exitCode, output }));
  return { child, output: () => output, ended };
}

/** Rolls an image out without holding the steps, to its end. */
export function start(cloud: { readonly port: number }, image: string, metrics?: string) {
  return launch(cloud, `start --image ${image} --hold 0`, { metrics }).ended;
}

/** The types of the events that roll-outs have recorded in a service. */
export async function recorded(service: RunningService | undefined): Promise<string[]> {
  const client = new ActivityEventsClient({ address: service?.address ?? "", tls: false });
  try {
    const types: string[] = [];
    for await (const { deploymentId } of client.listDeployments()) {
      if (deploymentId.startsWith("canary-")) continue;
      for await (const { type } of client.listEvents({ deploymentId })) types.push(type.replace("deployment.", ""));
    }
    return types;
  } finally {
    client.close();
  }
}
