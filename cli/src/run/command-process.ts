import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/** How a command ended. */
export type CommandEnd =
  | { readonly kind: "exited"; readonly exitCode: number }
  | { readonly kind: "killed"; readonly signal: NodeJS.Signals }
  /** It did not start; the exit code is that of a shell. */
  | { readonly kind: "not started"; readonly exitCode: 126 | 127; readonly problem: string };

/** A command that was started, or not. */
export interface CommandProcess {
  /** Undefined if it did not start. */
  readonly child: ChildProcess | undefined;
  readonly ended: Promise<CommandEnd>;
}

/** What a command is started with. */
export interface CommandOptions {
  readonly command: readonly [string, ...string[]];
  readonly environment: NodeJS.ProcessEnv;
  readonly stdio: StdioOptions;
  /** Lets the command go on when its terminal is gone, as nohup does. */
  readonly ignoresHangup: boolean;
}

/** Starts a command in this process group, without a shell. Never throws. */
export function startCommand({ command, environment, stdio, ignoresHangup }: CommandOptions): CommandProcess {
  const [file, ...args] = command;
  const fault = faultOf(file, environment.PATH);
  if (fault !== undefined) return { child: undefined, ended: Promise.resolve(fault) };
  try {
    // Node gives its children the default of every signal, so that a shell must take SIGHUP away again.
    const [starter, ...before] = ignoresHangup ? ["/bin/sh", "-c", 'trap "" HUP; exec "$@"', "sh", file] : [file];
    const child = spawn(starter, [...before, ...args], { env: environment, stdio });
    const ended = new Promise<CommandEnd>((resolve) => {
      child.once("error", (error) => resolve(notStarted(file, error)));
      child.once("exit", (exitCode, signal) => {
        resolve(signal === null ? { kind: "exited", exitCode: exitCode ?? 1 } : { kind: "killed", signal });
      });
    });
    return { child: child.pid === undefined ? undefined : child, ended };
  } catch (error) {
    return { child: undefined, ended: Promise.resolve(notStarted(file, error as NodeJS.ErrnoException)) };
  }
}

function notStarted(file: string, { code, message }: NodeJS.ErrnoException): CommandEnd {
  // It was found before, so that this is the interpreter of its first line.
  if (code === "ENOENT")
    return { kind: "not started", exitCode: 126, problem: `${file}: its interpreter is not there` };
  const problem = code === "EACCES" ? "permission denied" : code === "E2BIG" ? "its arguments are too long" : message;
  return { kind: "not started", exitCode: 126, problem: `${file}: ${problem}` };
}

/** Looks for the file as execvp(3) does. */
function faultOf(file: string, path = "/bin:/usr/bin"): CommandEnd | undefined {
  const places = file.includes("/") ? [file] : path.split(delimiter).map((folder) => join(folder || ".", file));
  const faults = places.map(faultAt);
  if (faults.includes(undefined)) return undefined;
  const denied = faults.find((fault) => fault !== "missing");
  if (denied !== undefined) return { kind: "not started", exitCode: 126, problem: `${file}: ${denied}` };
  const missing = file.includes("/") ? "no such file" : "command not found";
  return { kind: "not started", exitCode: 127, problem: `${file}: ${missing}` };
}

function faultAt(file: string): string | undefined {
  try {
    if (statSync(file).isDirectory()) return file.includes("/") ? "is a directory" : "missing";
    accessSync(file, constants.X_OK);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EACCES" ? "permission denied" : "missing";
  }
}
