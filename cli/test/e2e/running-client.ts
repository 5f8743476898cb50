import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** The program, a script of Node. */
export const mainScript = join(import.meta.dirname, "..", "..", "src", "main.ts");

/** How a call is started. */
export interface ClientOptions {
  readonly args: readonly string[];
  /** All of standard input; without it there is none. */
  readonly input?: string;
  /** Standard input does not end behind it. */
  readonly inputStaysOpen?: boolean;
  /** What starts Node instead of Node itself, with its arguments. */
  readonly launcher?: (command: readonly string[]) => readonly string[];
  /** ACTIVITY_ADDRESS. */
  readonly address?: string;
  /** Beside PATH, an XDG_CONFIG_HOME without contexts, an XDG_STATE_HOME without spool and an XDG_DATA_HOME without an admin token, which are all of the environment else. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** What a call has written, and how it ended. */
export interface ClientResult {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly output: string;
  readonly errors: string;
}

/** A call that is under way. */
export interface RunningClient {
  readonly child: ChildProcess;
  /** What it has written to standard output so far, line by line. */
  readonly lines: () => readonly string[];
  readonly errors: () => string;
  readonly ended: Promise<ClientResult>;
}

/** Signals that end a call, and the longest wait after each, in ms; shorter than jest's time limit, which would leave the call running. */
const endings = [
  // Ctrl-C: without SIGTERM's handler, Node could not say which lines it ran.
  { signal: "SIGINT", patienceMs: 2_000 },
  // Bash in `run` takes a SIGINT for one that its own command has handled.
  { signal: "SIGTERM", patienceMs: 60_000 },
] as const;

const running = new Set<RunningClient>();
process.on("exit", () => {
  for (const { child } of running) child.kill("SIGKILL");
});

/** Ends all calls that still run, as their users do; for afterEach. Throws an error that names those that do not end, and kills them. */
export async function endClients(): Promise<void> {
  const killed = (await Promise.all([...running].map(endClient))).filter((name) => name !== undefined);
  if (killed.length > 0) throw new Error(`did not end by SIGINT and SIGTERM: ${killed.join(", ")}`);
}

/** Returns the command line of a call that had to be killed. */
async function endClient({ child }: RunningClient): Promise<string | undefined> {
  if (child.exitCode !== null || child.signalCode !== null) return undefined;
  const exited = once(child, "exit");
  for (const { signal, patienceMs } of endings) {
    child.kill(signal);
    // A stopped process takes no signal.
    child.kill("SIGCONT");
    const waiting = new AbortController();
    const late = sleep(patienceMs, "late", { signal: waiting.signal }).catch(() => undefined);
    const isLate = (await Promise.race([exited, late])) === "late";
    waiting.abort();
    if (!isLate) return undefined;
  }
  child.kill("SIGKILL");
  return child.spawnargs.join(" ");
}

/** Starts activity_client as a process of its own. */
export function startClient(options: ClientOptions): RunningClient {
  const { args, input = "", inputStaysOpen = false, launcher, address, environment = {} } = options;
  const command = [process.execPath, mainScript, ...args];
  const [file = process.execPath, ...rest] = launcher?.(command) ?? command;
  const child = spawn(file, rest, {
    env: {
      PATH: process.env.PATH,
      XDG_CONFIG_HOME: join(import.meta.dirname, "no-contexts"),
      XDG_STATE_HOME: join(import.meta.dirname, "no-state"),
      XDG_DATA_HOME: join(import.meta.dirname, "no-data"),
      ...(address === undefined ? {} : { ACTIVITY_ADDRESS: address }),
      ...environment,
    },
  });
  let [output, errors] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  // A call that ends early does not read its input.
  child.stdin.on("error", () => {}).write(input);
  if (!inputStaysOpen) child.stdin.end();
  const ended = once(child, "close").then(([exitCode]): ClientResult => {
    running.delete(client);
    return { exitCode, output, errors };
  });
  const client = { child, lines: () => output.split("\n").slice(0, -1), errors: () => errors, ended };
  running.add(client);
  return client;
}

/** Runs activity_client to its end. */
export function runClient(options: ClientOptions): Promise<ClientResult> {
  return startClient(options).ended;
}
