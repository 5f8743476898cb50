import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const python = process.env.PYTHON ?? "python3";
const program = fileURLToPath(new URL("check_histories.py", import.meta.url));

/** A message on the topic. */
export interface Message {
  readonly json: unknown;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Question to the program: about a deployment over gRPC, or about its messages on the topic. */
export type HistoryRequest =
  | { readonly address: string; readonly deploymentId: string }
  | { readonly deploymentId: string; readonly begins: number; readonly messages: readonly Message[] };

/** Answer of the program, as its docstring defines it. */
export interface HistoryAnswer {
  readonly events?: number;
  readonly sequence?: number;
  readonly hash?: string;
  readonly compared?: Readonly<Record<string, number>>;
  readonly notRebuilt?: readonly number[];
  readonly withoutHash?: readonly number[];
  readonly faults: readonly string[];
}

/** Returns why the second implementation of the history hash cannot run on this machine, if so. */
export function whyNoGrpcio(): string | undefined {
  const { status } = spawnSync(python, ["-c", "import grpc"], { stdio: "ignore" });
  return status === 0 ? undefined : `${python} has no grpcio; \`pip install grpcio\` brings it, PYTHON names another`;
}

/** Has the second implementation of the history hash, in Python, check deployments; an answer for each, in order. */
export async function askPython(requests: readonly HistoryRequest[]): Promise<readonly HistoryAnswer[]> {
  const child = spawn(python, ["-B", program], { stdio: ["pipe", "pipe", "inherit"] });
  const closed = once(child, "close");
  const answered = text(child.stdout);
  child.stdin.end(requests.map((request) => `${JSON.stringify(request)}\n`).join(""));
  const lines = (await answered).split("\n").filter((line) => line !== "");
  const [code] = await closed;
  if (code !== 0 || lines.length !== requests.length) {
    throw new Error(`the program ended with ${code} after ${lines.length} of ${requests.length} answers`);
  }
  return lines.map((line) => JSON.parse(line));
}
