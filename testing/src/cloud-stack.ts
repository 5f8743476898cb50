import { randomProjectId, type Stack, type StackOptions, startStack } from "@activity-events/emulators";
import { call, connect, methods } from "./contract-client.ts";
import { refusalOf } from "./refusal.ts";
import type { LogLine } from "./running-service.ts";
import { until } from "./until.ts";

type CloudOptions = Partial<
  Pick<StackOptions, "services" | "sweepIntervalSeconds" | "serviceEnvironment" | "mirrorEnvironment" | "pushThrough">
>;

/** The whole system on the emulators of the test run, in a project of its own. */
export interface Cloud extends Stack {
  /** The addresses of the service processes, the same after restarts. */
  readonly addresses: readonly string[];
  /** What the parts have logged so far, by the name of the part; calls that went well are left out. */
  readonly log: readonly (LogLine & { readonly part: string })[];
  /** The parts that have ended by themselves, a line about each. */
  readonly deaths: readonly string[];
}

const closing = new Set<() => Promise<void>>();

/** Has something done at the end of the test, before what was started earlier is closed. */
export function atEnd(close: () => Promise<void>): void {
  closing.add(close);
}

/** Closes all that a test has opened, the latest first; for afterEach. */
export async function closeAll(): Promise<void> {
  const all = [...closing].reverse();
  closing.clear();
  for (const close of all) await close();
}

/** Starts the system; without a setting two service processes, and no sweep by itself. */
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

/** An emulator that has just been started takes more time for its first answers than the service gives it. */
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
