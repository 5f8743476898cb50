import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { onLines } from "./on-lines.ts";
import type { Reaper } from "./start-reaper.ts";
import { until } from "./until.ts";

export interface PartOptions {
  /** How it is called, where people read it. */
  readonly name: string;
  /** What Node is to run, with its arguments. */
  readonly args: readonly string[];
  /** Its whole environment. */
  readonly environment: NodeJS.ProcessEnv;
  readonly reaper: Reaper;
  /** Whether it is ready; asked again and again. */
  readonly isReady: () => boolean | Promise<boolean>;
  /** Is told every line that it writes. */
  readonly onLine: (line: string) => void;
}

/** A process of the system, which can be killed and started again. */
export interface Part {
  readonly name: string;
  /** The process that runs now, or ran last. */
  readonly pid: number;
  /** Resolves, with a line about it, when it ends without being killed or stopped from here. */
  readonly died: Promise<string>;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
  /** Starts it anew, the same in everything but its process id, and waits until it is ready; kills it before if it runs. */
  restart(): Promise<void>;
  /** Asks it to stop and waits; after 8.5 s, half a second more than the service needs, it is killed. */
  stop(): Promise<void>;
}

const stopTimeMs = 8_500;
const readyTimeMs = 60_000;

/** Starts a process and waits until it is ready; throws, with what it said, when it ends before. */
export async function startPart(options: PartOptions): Promise<Part> {
  const { promise: died, resolve: tellDeath } = Promise.withResolvers<string>();
  let current: PartProcess;
  const start = async () => {
    current = launch(options, tellDeath);
    await whenReady(current, options);
  };
  await start();
  return {
    name: options.name,
    get pid() {
      return current.pid;
    },
    died,
    kill: () => current.end("SIGKILL"),
    restart: async () => {
      await current.end("SIGKILL");
      await start();
    },
    stop: async () => {
      const timer = setTimeout(() => current.end("SIGKILL"), stopTimeMs);
      await current.end("SIGTERM");
      clearTimeout(timer);
    },
  };
}

interface PartProcess {
  readonly pid: number;
  /** What it wrote last. */
  readonly lines: readonly string[];
  /** Whether it is gone and all that it wrote is here. */
  readonly hasEnded: boolean;
  /** Sends a signal that is meant to end it, and waits for the end. */
  end(signal: NodeJS.Signals): Promise<void>;
}

function launch(
  { name, args, environment, reaper, onLine }: PartOptions,
  onDeath: (line: string) => void,
): PartProcess {
  const child: ChildProcess = spawn(process.execPath, args, {
    // Ctrl-C on the terminal is the launcher's to act on.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...environment, ...reaper.mark },
  });
  if (child.pid !== undefined) reaper.tell(child.pid);
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    onLines(stream, (line) => {
      // Enough to tell why it is not ready.
      if (lines.push(line) > 100) lines.shift();
      onLine(line);
    });
  }
  let isEnding = false;
  let hasEnded = false;
  const ended = once(child, "close").then(([code, signal]) => {
    hasEnded = true;
    if (!isEnding) onDeath(`${name} has ended by itself (${signal ?? `exit code ${code}`})`);
  });
  return {
    pid: child.pid ?? 0,
    lines,
    get hasEnded() {
      return hasEnded;
    },
    end: (signal) => {
      isEnding = true;
      child.kill(signal);
      return ended;
    },
  };
}

async function whenReady(part: PartProcess, { name, isReady }: PartOptions): Promise<void> {
  const isDecided = async () => part.hasEnded || (await isReady());
  await until(isDecided, `${name} is ready`, { withinMs: readyTimeMs });
  if (part.hasEnded) throw new Error(`${name} ended before it was ready:\n${part.lines.slice(-15).join("\n")}`);
}
