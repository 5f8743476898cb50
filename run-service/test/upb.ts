import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { create, type DescFile, type DescMessage, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

const python = process.env.PYTHON ?? "python3";
const program = fileURLToPath(new URL("parse-encodings.py", import.meta.url));

/** Why protoc's own parser cannot be asked on this machine, or undefined. */
export function whyNoUpb(): string | undefined {
  const { status } = spawnSync(python, ["-c", "import google.protobuf"], { stdio: "ignore" });
  return status === 0
    ? undefined
    : `${python} has no protobuf; \`pip install protobuf\` brings it, PYTHON names another`;
}

/** protoc's own parser, in a process of its own. */
export class Upb implements AsyncDisposable {
  readonly #types: readonly DescMessage[];
  readonly #child: ChildProcess;
  readonly #waiting: ((parses: boolean) => void)[] = [];

  constructor(types: readonly DescMessage[]) {
    this.#types = types;
    const names = types.map(({ typeName }) => typeName);
    this.#child = spawn(python, [program, ...names], { stdio: ["pipe", "pipe", "inherit"] });
    this.#child.stdout?.on("data", (bytes: Buffer) => {
      for (const byte of bytes) this.#waiting.shift()?.(byte === 1);
    });
    const file = filesOf(types).map(({ proto }) => proto);
    this.#send(toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file })));
  }

  /** Whether it parses the bytes as a message of this type. */
  parses(type: DescMessage, bytes: Uint8Array): Promise<boolean> {
    this.#send(Buffer.concat([Buffer.of(this.#types.indexOf(type)), bytes]));
    return new Promise((resolve, reject) => {
      this.#waiting.push(resolve);
      if (this.#child.exitCode !== null) reject(new Error("the parser's process has ended"));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
  }

  #send(frame: Uint8Array): void {
    const head = Buffer.alloc(4);
    head.writeUInt32BE(frame.length);
    this.#child.stdin?.write(Buffer.concat([head, frame]));
  }
}

/** The files of the types and all that they import, each behind what it imports. */
function filesOf(types: readonly DescMessage[]): DescFile[] {
  const files = new Set<DescFile>();
  const add = (file: DescFile) => {
    for (const dependency of file.dependencies) add(dependency);
    files.add(file);
  };
  for (const { file } of types) add(file);
  return [...files];
}
