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
  /** The same with the embedded service's admin token, if there is one. Throws a `UsageError` if its file cannot be used. */
  readonly admin: () => ActivityEventsClient;
  /** Name of the store for people: that of the context, else the service's name on Cloud Run or its address. */
  readonly storeName: string;
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
  /** Asks whoever sits at the terminal, and returns the line typed; undefined without a terminal. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
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
  /** Time limit of a purge, in ms, which takes longer. */
  readonly purgeTimeoutMs: number;
}

/** Runs a command after its flags are parsed; `command` carries the global flags. */
export type Perform = (command: Command, run: (context: CommandContext) => Promise<ExitCode>) => Promise<void>;

/** Waits for a service that may still be starting, up to the time limit of a call. Throws the last connection error. */
export async function reach({ client, timeoutMs }: CommandContext): Promise<void> {
  await client.connect({ timeoutMs });
}
