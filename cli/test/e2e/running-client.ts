import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

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
  /** Beside PATH, an XDG_CONFIG_HOME without contexts and an XDG_STATE_HOME without spool, which are all of the environment else. */
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

const children = new Set<ChildProcess>();
process.on("exit", endClients);

/** Ends all calls that were started here; for afterEach. */
export function endClients(): void {
  for (const child of children) child.kill("SIGKILL");
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
      ...(address === undefined ? {} : { ACTIVITY_ADDRESS: address }),
      ...environment,
    },
  });
  children.add(child);
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
    children.delete(child);
    return { exitCode, output, errors };
  });
  return { child, lines: () => output.split("\n").slice(0, -1), errors: () => errors, ended };
}

/** Runs activity_client to its end. */
export function runClient(options: ClientOptions): Promise<ClientResult> {
  return startClient(options).ended;
}
