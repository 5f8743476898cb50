import type { Config } from "../config.ts";
import type { Output } from "../output/output.ts";
import type { StandardStream } from "../output/standard-stream.ts";
import type { Interruption } from "./interruption.ts";

/** Arguments, environment, streams and signals of the program. */
export interface ProgramStart {
  readonly args: readonly string[];
  readonly config: Config;
  readonly input: typeof process.stdin;
  readonly output: Output;
  readonly errors: StandardStream;
  readonly interruption: Interruption;
}
