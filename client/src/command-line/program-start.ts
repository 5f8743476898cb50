import type { Config } from "../config.ts";
import type { Interruption } from "../interruption.ts";

/** What the program is started with. */
export interface ProgramStart {
  readonly args: readonly string[];
  readonly config: Config;
  readonly input: typeof process.stdin;
  readonly output: NodeJS.WriteStream;
  readonly errors: NodeJS.WriteStream;
  readonly interruption: Interruption;
}
