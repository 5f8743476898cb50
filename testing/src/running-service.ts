import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { removeTemporaryFolders } from "./temporary-folder.ts";

const mainScript = join(import.meta.dirname, "..", "..", "run-service", "src", "main.ts");

/** A line of the service's log. */
export type LogLine = Readonly<Record<string, unknown>>;

/** Exit of a process. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ServiceOptions {
  /** Folder of the store; see temporaryFolder. */
  readonly dataDir: string;
  /** Port; 0 or unset picks a free one. */
  readonly port?: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** Command that starts Node, such as nsenter with its arguments. */
  readonly launcher?: readonly string[];
  /** File that Node runs; by default the sources' entry file. */
  readonly program?: string;
  /** Complete command of the service, instead of Node and a program. */
  readonly command?: readonly string[];
}

/** The real service in its own process, listening on loopback. */
export interface RunningService {
  /** `127.0.0.1:port` */
  readonly address: string;
  readonly port: number;
  readonly pid: number;
  /** Log lines so far. */
  readonly log: readonly LogLine[];
  readonly exited: Promise<Exit>;
  readonly hasExited: boolean;
  signal(signal: NodeJS.Signals): void;
  /** Kills the process, like a crash. */
  kill(): Promise<void>;
  /** Resident memory in bytes. */
  residentBytes(): number;
}

const children = new Set<ChildProcess>();

// Ends a process with its parent. jest does not forward the "exit" event of its process.
const setpriv = ["--pdeathsig", "KILL"];
// Without a shell there is no output at all.
const setprivFile = spawnSync("sh", ["-c", "command -v setpriv"], { encoding: "utf8" }).stdout?.trim() || "setpriv";
const dyingWithUs = spawnSync(setprivFile, [...setpriv, "true"]).status === 0 ? [setprivFile, ...setpriv] : [];

/** Starts the service and waits until it listens. Throws an error with its output if it exits before or stays silent. */
export async function startService(options: ServiceOptions): Promise<RunningService> {
  const service = launchService(options);
  const late = sleep(240_000, { code: "late" } as const, { ref: false });
  const listening = await Promise.race([service.listening, service.exited, late]);
  if (!("address" in listening)) {
    throw new Error(`the service does not listen (${JSON.stringify(listening)}): ${service.said()}`);
  }
  const { address } = listening;
  return {
    address,
    port: Number(address.slice(address.lastIndexOf(":") + 1)),
    pid: service.pid,
    log: service.log,
    exited: service.exited,
    get hasExited() {
      return service.child.exitCode !== null || service.child.signalCode !== null;
    },
    signal: (signal) => service.child.kill(signal),
    kill: async () => {
      service.child.kill("SIGKILL");
      await service.exited;
    },
    residentBytes: () => residentBytes(service.pid),
  };
}

/** Starts the service without waiting for anything. */
export function launchService(options: ServiceOptions) {
  const { dataDir, port = 0, environment = {}, launcher = [], program = mainScript } = options;
  const { command = [process.execPath, program] } = options;
  const [file = process.execPath, ...args] = [...launcher, ...dyingWithUs, ...command];
  const child = spawn(file, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env.PATH,
      HOST: "127.0.0.1",
      PORT: `${port}`,
      DATA_DIR: dataDir,
      LOG_FORMAT: "json",
      LOG_LEVEL: "info",
      ...environment,
    },
  });
  children.add(child);
  // A test ended by its time limit may start a service after cleanUp; it must not keep the test run alive.
  child.unref();
  for (const output of [child.stdout, child.stderr]) (output as Socket).unref();
  const exited = once(child, "close").then(([code, signal]): Exit => {
    children.delete(child);
    return { code, signal };
  });
  const log: LogLine[] = [];
  const listening = Promise.withResolvers<{ readonly address: string }>();
  createInterface({ input: child.stdout }).on("line", (text) => {
    const line = parseLine(text);
    // Lines of successful calls would fill the memory in a long run.
    if (line.message !== "call" || line.severity !== "INFO") log.push(line);
    if (line.message === "listening") listening.resolve({ address: addressOf(line, child.pid) });
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const said = () => [errors, ...log.map((line) => JSON.stringify(line))].join("\n");
  return { child, pid: child.pid ?? 0, log, exited, listening: listening.promise, said };
}

function parseLine(text: string): LogLine {
  try {
    return JSON.parse(text);
  } catch {
    return { message: text };
  }
}

/** The page's server says its URL. */
function addressOf({ address, url }: LogLine, pid: number | undefined): string {
  if (typeof address === "string") return address;
  if (typeof url === "string") return new URL(url).host;
  throw new Error(`the service ${pid} does not say where it listens`);
}

/** Kills all services started here and removes all folders; for afterEach. */
export async function cleanUp(): Promise<void> {
  const ending = [...children].map((child) => {
    const ended = once(child, "close");
    child.kill("SIGKILL");
    return ended;
  });
  await Promise.all(ending);
  removeTemporaryFolders();
}

/** Resident memory of a process in bytes. Source: VmRSS of /proc/PID/status, which is in KiB. */
export function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return bytesOf(status, "VmRSS");
}

/** The part of it that the kernel cannot drop, in bytes: all but files that are mapped, such as the program itself. */
export function unevictableBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return bytesOf(status, "RssAnon") + bytesOf(status, "RssShmem");
}

function bytesOf(status: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1] ?? Number.NaN) * 1_024;
}
