import type { ActivityEventsClient, ServiceAddress } from "@activity-events/client";
import type { Command } from "commander";
import type { Output } from "../output/output.ts";
import type { Paint } from "../output/paint.ts";
import type { ProgressTerminal } from "../output/progress-line.ts";
import type { ExitCode } from "./exit-code.ts";
import type { Interruption } from "./interruption.ts";

/** What a command works with. */
export interface CommandContext {
  readonly client: ActivityEventsClient;
  /** How the service is reached. */
  readonly service: ServiceAddress;
  /** Where it is, for sentences. */
  readonly address: string;
  readonly input: typeof process.stdin;
  readonly output: Output;
  /** Standard error, where it is a terminal on which a line can be written over. */
  readonly terminal: ProgressTerminal | undefined;
  readonly interruption: Interruption;
  /** Writes one line to standard error. */
  readonly complain: (text: string) => void;
  readonly paint: Paint;
  /** Print proto JSON, one object a line. */
  readonly json: boolean;
  /** The time for each call, in milliseconds. */
  readonly timeoutMs: number;
}

/** Runs what a command does, once its flags are read; the global flags come with `command`. */
export type Perform = (command: Command, run: (context: CommandContext) => Promise<ExitCode>) => Promise<void>;

/** Waits for the service to be there, as long as a call may take: it may be just starting. Fails with what it met last. */
export async function reach({ client, timeoutMs }: CommandContext): Promise<void> {
  await client.connect({ timeoutMs });
}
