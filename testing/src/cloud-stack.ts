import { randomProjectId, type Stack, type StackOptions, startStack } from "@activity-events/emulators";
import { call, connect, methods } from "./contract-client.ts";
import { refusalOf } from "./refusal.ts";
import type { LogLine } from "./running-service.ts";
import { until } from "./until.ts";

type CloudOptions = Partial<
  Pick<StackOptions, "services" | "sweepIntervalSeconds" | "serviceEnvironment" | "mirrorEnvironment" | "pushThrough">
>;

/** The whole system on the emulators of the test run, in its own project. */
export interface Cloud extends Stack {
  /** Addresses of the service processes, stable across restarts. */
  readonly addresses: readonly string[];
  /** Log lines so far, with the name of the part, without those of successful calls. */
  readonly log: readonly (LogLine & { readonly part: string })[];
  /** Messages about parts that exited unexpectedly. */
  readonly deaths: readonly string[];
}

const closing = new Set<() => Promise<void>>();

/** Registers a clean-up for the end of the test; the latest runs first. */
export function atEnd(close: () => Promise<void>): void {
  closing.add(close);
}

/** Closes everything that a test opened, latest first; for afterEach. */
export async function closeAll(): Promise<void> {
  const all = [...closing].reverse();
  closing.clear();
  for (const close of all) await close();
}

/** Starts the system; by default two service processes and no periodic sweep. */
export async function startCloud(options: CloudOptions = {}): Promise<Cloud> {
  const log: (LogLine & { part: string })[] = [];
  const stack = await startStack({
    environment: { ...process.env, LOG_FORMAT: "json" },
    projectId: randomProjectId(),
    services: 2,
    sweepIntervalSeconds: 3_600,
    subscriber: false,
    onLine: (part, text) => {
      const line = parseLine(text);
      if (line.message !== "call" || line.severity !== "INFO") log.push({ ...line, part });
    },
    ...options,
  });
  atEnd(() => stack.stop());
  const deaths: string[] = [];
  for (const { died } of [...stack.services, stack.mirror]) died.then((line) => deaths.push(line));
  const addresses = stack.services.map(({ address }) => address);
  for (const address of addresses) await untilStoreAnswers(address);
  return { ...stack, addresses, log, deaths };
}

/** Waits for the store, because the first answers of a fresh emulator take longer than the service allows. */
async function untilStoreAnswers(address: string): Promise<void> {
  const client = connect(address);
  const getNobody = () => call(client, methods.getDeployment, { deploymentId: "nobody" });
  await until(async () => (await refusalOf(getNobody())).code === "NOT_FOUND", `${address} reads from its store`);
  client.close();
}

function parseLine(text: string): LogLine {
  try {
    return JSON.parse(text);
  } catch {
    return { message: text };
  }
}
