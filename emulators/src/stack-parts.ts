import { createRequire } from "node:module";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { httpGet } from "./http-get.ts";
import { type Part, type PartOptions, startPart } from "./start-part.ts";

const root = join(import.meta.dirname, "..", "..");
const serviceScript = join(root, "run-service", "src", "main.ts");
const pageScript = join(root, "metrics-service", "src", "main.ts");
const webhooksScript = join(root, "functions", "webhooks", "src", "main.ts");
const subscriberScript = join(import.meta.dirname, "sample-subscriber.ts");
const mirrorFolder = join(root, "functions", "mirror");

/** A process of the service. */
export interface ServicePart extends Part {
  /** `127.0.0.1:port`, the same after a restart. */
  readonly address: string;
}

/** A program with a URL: the page, or the webhooks. */
export interface HttpPart extends Part {
  /** `http://127.0.0.1:port` */
  readonly url: string;
}

/** The mirror in functions-framework. */
export interface MirrorPart extends Part {
  /** `http://127.0.0.1:port`, the same after a restart. */
  readonly url: string;
}

/** Options that differ between processes of one kind. */
type Start = Pick<PartOptions, "name" | "environment" | "reaper" | "onLine"> & {
  /** Port of loopback. */
  readonly port: number;
};

/** Starts a process of the service and waits until it listens. */
export async function startService({ port, environment, ...start }: Start): Promise<ServicePart> {
  const part = await startPart({
    ...start,
    args: [serviceScript],
    environment: { ...environment, STORE: "firestore", HOST: "127.0.0.1", PORT: `${port}` },
    isReady: () => accepts(port),
  });
  return Object.assign(part, { address: `127.0.0.1:${port}` });
}

/** Starts the page of the service at an address, and waits until it answers. */
export function startPage({ port, ...start }: ClientStart): Promise<HttpPart> {
  return startClient(pageScript, { ...start, port, own: { PAGE_PORT: `${port}` } });
}

/** Starts webhooks for the service at an address, and waits until they answer. */
export function startWebhooks({ port, ...start }: ClientStart): Promise<HttpPart> {
  return startClient(webhooksScript, { ...start, port, own: { WEBHOOKS_PORT: `${port}` } });
}

type ClientStart = Start & { readonly address: string };

async function startClient(
  script: string,
  { port, address, environment, own, ...start }: ClientStart & { readonly own: Readonly<Record<string, string>> },
): Promise<HttpPart> {
  const part = await startPart({
    ...start,
    args: [script],
    environment: { ...environment, ACTIVITY_ADDRESS: address, HOST: "127.0.0.1", ...own },
    isReady: () => accepts(port),
  });
  return Object.assign(part, { url: `http://127.0.0.1:${port}` });
}

/** Starts the mirror in functions-framework, as on the platform, and waits until it answers a probe. */
export async function startMirror({ port, ...start }: Start): Promise<MirrorPart> {
  const framework = createRequire(join(mirrorFolder, "package.json")).resolve("@google-cloud/functions-framework");
  const script = join(dirname(framework), "main.js");
  const part = await startPart({
    ...start,
    args: [script, "--target=mirror", "--signature-type=http", `--source=${mirrorFolder}`, `--port=${port}`],
    isReady: async () => (await httpGet(`127.0.0.1:${port}`))?.status === 200,
  });
  return Object.assign(part, { url: `http://127.0.0.1:${port}` });
}

/** Starts the subscriber, which prints the messages of a subscription. */
export function startSubscriber({
  subscription,
  environment,
  ...start
}: Omit<Start, "port"> & { readonly subscription: string }): Promise<Part> {
  return startPart({
    ...start,
    args: [subscriberScript],
    environment: { ...environment, SUBSCRIPTION: subscription },
    // It prints nothing before the first event. It misses none, because the subscription keeps them.
    isReady: () => true,
  });
}

/** Tells whether something listens on a port of loopback. */
function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}
