import type { Command } from "commander";
import { safeJson } from "../output/json-line.ts";
import type { CommandContext, Perform } from "../program/command-context.ts";
import type { ExitCode } from "../program/exit-code.ts";

/** Adds `health`: checks that the service serves. */
export function defineHealth(program: Command, perform: Perform): void {
  const command = program
    .command("health")
    .description("check that the service is serving; exits with 5 if not")
    .argument("[service]", "full name of a gRPC service (default: the whole server)")
    .addHelpText("after", "\nExample:\n  activity_client --address 127.0.0.1:50051 health")
    .action((service: string | undefined) => perform(command, (context) => health(context, service)));
}

async function health(context: CommandContext, service: string | undefined): Promise<ExitCode> {
  const { client, json, output, timeoutMs } = context;
  const status = await client.checkHealth(service, { timeoutMs });
  await output.line(json ? safeJson({ status }) : status);
  return status === "SERVING" ? 0 : 5;
}
