import { spawn } from "node:child_process";
import { once } from "node:events";

/** A program that runs as a process. */
export interface StartedProgram {
  /** Resolves with its exit code. */
  readonly ended: Promise<number | null>;
  /** Resolves with the first group of a pattern once the program has written it. Rejects if it ends before. */
  said(pattern: RegExp): Promise<string>;
  stop(): void;
}

/** Starts a file with Node. */
export function startProgram(file: string, args: readonly string[], environment: NodeJS.ProcessEnv): StartedProgram {
  const child = spawn(process.execPath, [file, ...args], { env: environment, stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    output += text;
  });
  const ended = once(child, "close").then(([code]) => code as number | null);
  return {
    ended,
    said: async (pattern) => {
      for (;;) {
        const [, found] = pattern.exec(output) ?? [];
        if (found !== undefined) return found;
        const more = await Promise.race([once(child.stdout, "data"), ended]);
        if (!Array.isArray(more)) throw new Error(`${file} ended without writing ${pattern}: ${output}`);
      }
    },
    stop: () => child.kill("SIGTERM"),
  };
}
