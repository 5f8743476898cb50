import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import {
  type ClientOptions,
  type ClientResult,
  mainScript,
  type RunningClient,
  runClient,
  startClient,
} from "./running-client.ts";

/** An event as `list --json` prints it. */
export interface ListedEvent {
  readonly eventId: string;
  readonly type: string;
  readonly outcome?: string;
  readonly severity: string;
  readonly message?: string;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/** Command lines with a spool and a service of their own. */
export interface Runner {
  /** XDG_STATE_HOME. */
  readonly stateFolder: string;
  readonly start: (args: readonly string[], options?: Partial<ClientOptions>) => RunningClient;
  readonly run: (args: readonly string[], options?: Partial<ClientOptions>) => Promise<ClientResult>;
  /** Events of a deployment that the service has, in their order. */
  readonly listed: (deploymentId: string) => Promise<readonly ListedEvent[]>;
  /** The same, after what a run left is sent: on a busy machine, 2 s behind its command may not do. */
  readonly events: (deploymentId: string) => Promise<readonly ListedEvent[]>;
  /** Paths of the files in the spool. */
  readonly spooled: () => readonly string[];
}

/** Makes a runner for the service at an address. */
export function runnerAt(address: string, stateFolder = temporaryFolder().path): Runner {
  const options = (more: Partial<ClientOptions> = {}) => ({
    address,
    ...more,
    environment: { XDG_STATE_HOME: stateFolder, ...more.environment },
  });
  const run = (args: readonly string[], more?: Partial<ClientOptions>) => runClient({ args, ...options(more) });
  const listed = async (deploymentId: string) => {
    const { output } = await run(["list", deploymentId, "--json"]);
    return output
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line));
  };
  return {
    stateFolder,
    start: (args, more) => startClient({ args, ...options(more) }),
    run,
    listed,
    events: async (deploymentId) => {
      await run(["flush"]);
      return listed(deploymentId);
    },
    spooled: () => filesIn(join(stateFolder, "activity-events", "spool")),
  };
}

/** Makes a runner for a service that it starts. */
export async function startRunner(): Promise<Runner> {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  return runnerAt(address);
}

/** A shell's word for the program. */
export const program = `"${process.execPath}" "${mainScript}"`;

/** Lines of a file of the spool. */
export function linesOf(path: string): readonly ListedEvent[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

/** Paths of the files in a folder, without those in its folders; none if there is no folder. */
export function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => join(folder, name));
  } catch {
    return [];
  }
}

/** First line of a file of the spool. */
export const headOf = (address: string, deploymentId: string) =>
  JSON.stringify({ spoolVersion: 1, service: { address }, deploymentId });

/** Writes a file as a process left it that ended long ago. */
export function leave({ stateFolder }: Runner, lines: readonly string[], number = 1): string {
  const folder = join(stateFolder, "activity-events", "spool");
  mkdirSync(folder, { recursive: true });
  const id = `01a00000-0000-7000-8000-${String(number).padStart(12, "0")}`;
  // No machine has this place, so that the time of the file decides; it is set to long ago.
  const path = join(folder, `${id}.000000000000-1-1.ndjson`);
  writeFileSync(path, lines.map((line) => `${line}\n`).join(""));
  return path;
}

/** The same, at a time that any process may take it. */
export function leaveLongAgo(runner: Runner, lines: readonly string[], number?: number): string {
  const path = leave(runner, lines, number);
  utimesSync(path, new Date(0), new Date(0));
  return path;
}

/** A further line of it. */
export const eventLine = (deploymentId: string, number: number) =>
  JSON.stringify({ deploymentId, eventId: `e-${number}`, type: "deployment.progress", message: `event ${number}` });
