import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { copyContract } from "../../packaging/copy-contract.mjs";

const root = join(import.meta.dirname, "..", "..");
const python = process.env.PYTHON || "python3";

/** An example in a folder of its own, beside the contract as a release publishes it. */
export interface PreparedExample {
  readonly folder: string;
  /** Blocks of shell lines in its README, in order. */
  readonly blocks: readonly string[];
  /** Runs a shell line in the folder, in a process group of its own. */
  start(line: string, address: string): RunningLine;
  /** Runs a shell line to its end; throws with its output if it fails. */
  run(line: string): void;
}

/** Copies the example of a language. */
export function prepareExample(language: string): PreparedExample {
  const copy = temporaryFolder().path;
  copyContract(copy);
  const folder = join(copy, "examples", language);
  cpSync(join(root, "examples", language), folder, { recursive: true });
  const PATH = pathWith(copy);
  const environment = (address = "") => ({ ...process.env, PATH, ACTIVITY_ADDRESS: address });
  const readme = readFileSync(join(folder, "README.md"), "utf8");
  return {
    folder,
    blocks: [...readme.matchAll(/```sh\n(.*?)```/gs)].map(([, block = ""]) => block),
    start: (line, address) => new RunningLine(line, { cwd: folder, env: environment(address) }),
    run: (line) => {
      execFileSync("bash", ["-euc", line], { cwd: folder, env: environment(), stdio: ["ignore", 2, 2] });
    },
  };
}

/** PATH with this checkout's activity_client and buf, the Python that has the packages, and where Go's installer puts it. */
function pathWith(folder: string): string {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  if (process.env.PYTHON) {
    writeFileSync(join(bin, "python3"), `#!/bin/sh\nexec ${process.env.PYTHON} "$@"\n`);
    chmodSync(join(bin, "python3"), 0o755);
  }
  return [bin, join(root, "node_modules", ".bin"), process.env.PATH, "/usr/local/go/bin"].join(delimiter);
}

interface Place {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

const running = new Set<RunningLine>();

/** Kills what is still running; for afterEach. */
export async function endLines(): Promise<void> {
  await Promise.all([...running].map((line) => line.kill()));
}

/** A running shell line. */
export class RunningLine {
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>;
  output = "";
  errors = "";
  readonly #child: ChildProcess;

  constructor(line: string, place: Place) {
    this.#child = spawn("bash", ["-euc", line], { ...place, detached: true, stdio: "pipe" });
    running.add(this);
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.output += text;
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.errors += text;
    });
    this.ended = once(this.#child, "close").then(([code]) => {
      running.delete(this);
      return code;
    });
  }

  /** Whole lines of standard output so far, as fields. */
  get rows(): readonly (readonly string[])[] {
    return this.output
      .split("\n")
      .slice(0, -1)
      .map((line) => line.split("\t"));
  }

  write(text: string): void {
    this.#child.stdin?.write(text);
  }

  endInput(): void {
    this.#child.stdin?.end();
  }

  /** Kills it with all that it started. */
  async kill(): Promise<void> {
    try {
      process.kill(-(this.#child.pid ?? 0), "SIGKILL");
    } catch {
      // It has ended.
    }
    await this.ended;
  }
}

/** Returns why there is no Go on this machine, if so. */
export function whyNoGo(): string | undefined {
  const PATH = `${process.env.PATH}${delimiter}/usr/local/go/bin`;
  const { status } = spawnSync("go", ["version"], { stdio: "ignore", env: { ...process.env, PATH } });
  return status === 0 ? undefined : "there is no go; install Go 1.26 or newer as its makers' page says";
}

/** Returns why Python cannot generate a client on this machine, if so. */
export function whyNoGrpcTools(): string | undefined {
  const { status } = spawnSync(python, ["-c", "import grpc, grpc_tools, google.rpc.status_pb2"], { stdio: "ignore" });
  return status === 0
    ? undefined
    : `${python} cannot generate a client; \`pip install -r examples/python/requirements.txt\` brings all, PYTHON names another`;
}

/** Returns why there is no jq on this machine, if so. */
export function whyNoJq(): string | undefined {
  return spawnSync("jq", ["--version"], { stdio: "ignore" }).status === 0
    ? undefined
    : "there is no jq; `apt-get install jq` brings it";
}
