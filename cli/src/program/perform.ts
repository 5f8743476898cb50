import { AccessError, ActivityEventsClient, ActivityEventsError } from "@activity-events/client";
import { limits } from "@activity-events/client/internal";
import { logVerbosity, setLogVerbosity } from "@grpc/grpc-js";
import type { Command } from "commander";
import { AdminClient } from "../admin/admin-client.ts";
import { type ContextFlags, chooseService } from "../contexts/choose-service.ts";
import { connectionOf } from "../contexts/context-from-flags.ts";
import { complaintWriter } from "../output/complaint-writer.ts";
import { coloured, plain } from "../output/paint.ts";
import { questioner } from "../output/questioner.ts";
import type { CommandContext } from "./command-context.ts";
import { type ExitCode, exitCodeOf } from "./exit-code.ts";
import { errorExplainer } from "./explain-error.ts";
import type { ProgramStart } from "./program-start.ts";
import { serviceAddress } from "./service-address.ts";
import { UsageError } from "./usage-error.ts";

interface GlobalFlags extends ContextFlags {
  readonly json?: boolean;
  readonly timeout?: number;
  readonly utc?: boolean;
}

/** A command with parsed flags, and the function that runs it. */
export interface PerformOptions {
  readonly start: ProgramStart;
  readonly command: Command;
  readonly run: (context: CommandContext) => Promise<ExitCode>;
}

/** Runs a command against the service that its flags name. Describes failures on standard error; returns the exit code. */
export async function perform({ start, command, run }: PerformOptions): Promise<ExitCode> {
  const { config, output, errors, interruption } = start;
  const flags = command.optsWithGlobals<GlobalFlags>();
  const complain = complaintWriter(errors);
  // grpc-js writes of its own about a proxy that fails.
  setLogVerbosity(logVerbosity.NONE);
  try {
    const chosen = chooseService(flags, config);
    const { origin } = chosen;
    const service = await serviceAddress(chosen.flags, config).catch((error: unknown) => {
      throw withOrigin(error, origin);
    });
    const client = new ActivityEventsClient(service);
    const admin = new AdminClient(client, service, config);
    const connection = connectionOf(chosen.flags, config);
    const context: CommandContext = {
      client,
      admin: () => admin.open(),
      ask: start.input.isTTY && errors.isTTY ? questioner(start.input, errors) : undefined,
      storeName: chosen.contextName ?? ("address" in connection ? connection.address : connection.runService),
      service,
      connection,
      config,
      origin,
      address: service.address,
      input: start.input,
      output,
      terminal: errors.isTTY && config.linesMayMove ? errors : undefined,
      interruption,
      explain: errorExplainer({ service, origin, proxyVariable: config.proxyVariable }),
      complain,
      paint: output.isTerminal && config.coloursAllowed ? coloured : plain,
      json: flags.json === true,
      utc: flags.utc === true,
      nowMs: Date.now(),
      timeoutMs: flags.timeout ?? limits.callTimeoutMs,
      purgeTimeoutMs: flags.timeout ?? limits.purgeTimeoutMs,
    };
    try {
      return await answer(context, run);
    } finally {
      client.close();
      admin.close();
    }
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof AccessError)) throw error;
    complain(error instanceof AccessError ? `${error.code}: ${error.message}` : error.message);
    return exitCodeOf(error);
  }
}

async function answer(context: CommandContext, run: PerformOptions["run"]): Promise<ExitCode> {
  const { output, explain, complain } = context;
  try {
    return await run(context);
  } catch (error) {
    // The reader closed the pipe because it has enough.
    if (output.closed.aborted) return 0;
    if (!(error instanceof ActivityEventsError)) throw error;
    complain(await explain(error));
    return exitCodeOf(error);
  }
}

/** Says of a service that could not be found which context names it. */
function withOrigin(error: unknown, origin: string | undefined): unknown {
  if (origin === undefined) return error;
  if (error instanceof UsageError) return new UsageError(`${error.message} ${origin}`);
  return error instanceof AccessError ? new AccessError(error.missing, `${error.message} ${origin}`) : error;
}
