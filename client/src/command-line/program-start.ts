import type { Config } from "../config.ts";
import type { Interruption } from "../interruption.ts";
import type { StandardStream } from "../standard-stream.ts";
import type { Output } from "./output.ts";

/** What the program is started with. */
export interface ProgramStart {
  readonly args: readonly string[];
  readonly config: Config;
  readonly input: typeof process.stdin;
  readonly output: Output;
  readonly errors: StandardStream;
  readonly interruption: Interruption;
}
