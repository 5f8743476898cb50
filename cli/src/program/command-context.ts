import type { ActivityEventsClient, ServiceAddress } from "@activity-events/client";
import type { Command } from "commander";
import type { Config } from "../config.ts";
import type { Context } from "../contexts/context.ts";
import type { Output } from "../output/output.ts";
import type { Paint } from "../output/paint.ts";
import type { ProgressTerminal } from "../output/progress-line.ts";
import type { ExitCode } from "./exit-code.ts";
import type { ExplainError } from "./explain-error.ts";
import type { Interruption } from "./interruption.ts";

/** Everything a command runs with. */
export interface CommandContext {
  readonly client: ActivityEventsClient;
  /** Address, TLS and token audience of the service. */
  readonly service: ServiceAddress;
  /** Way to the service, as a context keeps it. */
  readonly connection: Context;
  readonly config: Config;
  /** Sentence about the context that the address comes from; undefined without one. */
  readonly origin: string | undefined;
  /** Address of the service, for messages. */
  readonly address: string;
  readonly input: typeof process.stdin;
  readonly output: Output;
  /** Standard error, if it is a terminal that can rewrite a line. */
  readonly terminal: ProgressTerminal | undefined;
  readonly interruption: Interruption;
  readonly explain: ExplainError;
  /** Writes one line to standard error. */
  readonly complain: (text: string) => void;
  readonly paint: Paint;
  /** Show times on a terminal in UTC; a pipe always gets them so. */
  readonly utc: boolean;
  /** This machine's clock when the command began, in ms; ages are told from it. */
  readonly nowMs: number;
  /** Print proto JSON, one object a line. */
  readonly json: boolean;
  /** Time limit of each call, in ms. */
  readonly timeoutMs: number;
}

/** Runs a command after its flags are parsed; `command` carries the global flags. */
export type Perform = (command: Command, run: (context: CommandContext) => Promise<ExitCode>) => Promise<void>;

/** Waits for a service that may still be starting, up to the time limit of a call. Throws the last connection error. */
export async function reach({ client, timeoutMs }: CommandContext): Promise<void> {
  await client.connect({ timeoutMs });
}
