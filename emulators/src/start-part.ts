import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { onLines } from "./on-lines.ts";
import type { Reaper } from "./start-reaper.ts";
import { until } from "./until.ts";

export interface PartOptions {
  /** Display name. */
  readonly name: string;
  /** Script and arguments for Node. */
  readonly args: readonly string[];
  /** Complete environment of the process. */
  readonly environment: NodeJS.ProcessEnv;
  readonly reaper: Reaper;
  /** Tells whether the process is ready; polled. */
  readonly isReady: () => boolean | Promise<boolean>;
  /** Receives every line that the process writes. */
  readonly onLine: (line: string) => void;
}

/** A process of the system that can be killed and restarted. */
export interface Part {
  readonly name: string;
  /** Id of the current or last process. */
  readonly pid: number;
  /** Resolves with a message when the process exits without `kill` or `stop`. */
  readonly died: Promise<string>;
  /** Kills the process, like a crash. */
  kill(): Promise<void>;
  /** Restarts the process unchanged and waits until it is ready; kills it first if it runs. */
  restart(): Promise<void>;
  /** Stops the process gracefully; kills it after 8.5 s, half a second more than the service needs. */
  stop(): Promise<void>;
}

const stopTimeMs = 8_500;
const readyTimeMs = 60_000;

/** Starts a process and waits until it is ready. Throws an error with its last lines if it exits before. */
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
  /** Last lines that the process wrote. */
  readonly lines: readonly string[];
  /** True if the process has exited and its output is complete. */
  readonly hasEnded: boolean;
  /** Sends a signal and waits for the exit. */
  end(signal: NodeJS.Signals): Promise<void>;
}

function launch(
  { name, args, environment, reaper, onLine }: PartOptions,
  onDeath: (line: string) => void,
): PartProcess {
  const child: ChildProcess = spawn(process.execPath, args, {
    // Detached, so that only the launcher gets the terminal's Ctrl-C.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...environment, ...reaper.mark },
  });
  if (child.pid !== undefined) reaper.tell(child.pid);
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    onLines(stream, (line) => {
      // Enough to explain a failed start.
      if (lines.push(line) > 100) lines.shift();
      onLine(line);
    });
  }
  let isEnding = false;
  let hasEnded = false;
  const ended = once(child, "close").then(([code, signal]) => {
    hasEnded = true;
    if (!isEnding) onDeath(`${name} exited unexpectedly (${signal ?? `exit code ${code}`})`);
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
  if (part.hasEnded) throw new Error(`${name} exited before it was ready:\n${part.lines.slice(-15).join("\n")}`);
}
