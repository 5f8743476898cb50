import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { freePort } from "@activity-events/testing/free-port";
import type { Exit } from "@activity-events/testing/running-service";
import { until } from "@activity-events/testing/until";
import type { LogLine } from "./open-memory.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const framework = join(root, "node_modules", "@google-cloud", "functions-framework", "build", "src", "main.js");

/** The function in functions-framework, in a process of its own. */
export interface RunningFunction {
  readonly url: string;
  /** What it has logged. */
  readonly lines: readonly LogLine[];
  /** Posts a body as JSON and tells the status of the answer. */
  post(body: unknown): Promise<number>;
  /** Ends it at once and starts it anew on the same port. */
  restart(): Promise<void>;
  /** Sends a signal, unless it has ended, and tells how it ended. */
  end(signal: NodeJS.Signals): Promise<Exit>;
}

interface FunctionOptions {
  /** The folder that holds it. */
  readonly source?: string;
  readonly environment: Readonly<Record<string, string>>;
}

export async function startFunction(options: FunctionOptions): Promise<RunningFunction> {
  const { source = join(root, "functions", "mirror"), environment } = options;
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const lines: LogLine[] = [];
  let child: ChildProcess;
  const start = async () => {
    child = spawn(
      process.execPath,
      [framework, "--target=mirror", "--signature-type=http", `--source=${source}`, `--port=${port}`],
      { env: { ...process.env, METADATA_SERVER_DETECTION: "none", NODE_ENV: "production", ...environment } },
    );
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (bytes) => {
        const [rest = "", ...whole] = `${said}${bytes}`.split("\n").reverse();
        said = rest;
        for (const line of whole.reverse()) lines.push(line.startsWith("{") ? JSON.parse(line) : { text: line });
      });
    }
    let isReady = false;
    const exited = once(child, "exit");
    exited.then(() => {
      isReady = true;
    });
    const asking = setInterval(async () => {
      isReady ||= await fetch(url).then(
        ({ status }) => status === 200,
        () => false,
      );
    }, 50);
    await until(() => isReady, "the function answers, or has ended").finally(() => clearInterval(asking));
    if (hasEnded()) throw new Error(`the function ended:\n${JSON.stringify(lines.slice(-10))}`);
  };
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const end = async (signal: NodeJS.Signals) => {
    if (!hasEnded()) {
      const exited = once(child, "exit");
      child.kill(signal);
      await exited;
    }
    return { code: child.exitCode, signal: child.signalCode };
  };
  await start();
  return {
    url,
    lines,
    post: async (body) => {
      const headers = { "content-type": "application/json" };
      return (await fetch(url, { method: "POST", headers, body: JSON.stringify(body) })).status;
    },
    restart: async () => {
      await end("SIGKILL");
      await start();
    },
    end,
  };
}
