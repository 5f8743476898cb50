import { AccessError, ActivityEventsClient, ActivityEventsError } from "@activity-events/client";
import type { Command } from "commander";
import { type Context, connectionText, isSameService } from "../contexts/context.ts";
import type { Column } from "../output/column.ts";
import { safeJson } from "../output/json-line.ts";
import { Table } from "../output/table.ts";
import type { CommandContext, Perform } from "../program/command-context.ts";
import { type ExitCode, exitCodeOf } from "../program/exit-code.ts";
import { type ServiceFlags, serviceAddress } from "../program/service-address.ts";
import { UsageError } from "../program/usage-error.ts";
import { type SentFile, sendSpooled } from "./send-spooled.ts";
import { type LeftFile, SpoolFolder } from "./spool-folder.ts";

interface FlushFlags {
  readonly all?: boolean;
}

const columns: readonly Column<SentFile>[] = [
  { title: "DEPLOYMENT ID", width: 40, cell: ({ deploymentId }) => deploymentId, isCutInside: true },
  { title: "SENT", width: 8, cell: ({ stored }) => String(stored) },
  { title: "REFUSED", width: 8, cell: ({ refused }) => String(refused.length) },
];

/** Adds `flush`: sends what runs have left in the spool. */
export function defineFlush(program: Command, perform: Perform): void {
  const command = program
    .command("flush")
    .description("send the events that run could not send")
    .option("--all", "for every service, connected to as the runs did")
    .addHelpText("after", "\nExample:\n  activity_client flush --all")
    .action((flags: FlushFlags) => perform(command, (context) => flush(context, flags)));
}

async function flush(context: CommandContext, { all = false }: FlushFlags): Promise<ExitCode> {
  const { connection, config, complain } = context;
  if (config.stateFolder === undefined) {
    throw new UsageError("There is no spool: XDG_STATE_HOME is not set, and this account has no home.");
  }
  const folder = new SpoolFolder(config.stateFolder);
  const left = await folder.left().catch((error: Error) => {
    throw new UsageError(`${folder.path}: cannot read it: ${error.message}`, { cause: error });
  });
  const services = servicesOf(left);
  const others = services.filter((service) => !isSameService(service, connection));
  let exitCode: ExitCode = 0;
  let files = 0;
  const table = new Table(context.output, columns);
  const send = async (service: Context, client: ActivityEventsClient) => {
    for await (const file of sendSpooled({
      folder,
      client,
      service,
      timeoutMs: context.timeoutMs,
      describe: ({ code, reason, message }) => `${reason ?? code}: ${message}`,
      onLeftAlone: ({ path }, reason) => {
        complain(`${path} is left alone: ${reason}.`);
        exitCode ||= 1;
      },
    })) {
      files += 1;
      const { deploymentId, stored, refused } = file;
      if (context.json) await context.output.line(safeJson({ deploymentId, sent: stored, refused: refused.length }));
      else await table.row(file);
      for (const { what, reason, error } of refused) {
        complain(`${what} of ${deploymentId} was refused: ${reason}\n  It is in ${file.refusedPath}.`);
        exitCode ||= error === undefined ? 1 : exitCodeOf(error);
      }
    }
  };
  try {
    const own = await orExitCode(send(connection, context.client), context, all);
    exitCode ||= own;
    // Each is tried, whatever became of those before.
    for (const service of all ? others : []) {
      const other = await flushOther(service, context, send);
      exitCode ||= other;
    }
  } catch (error) {
    const { syscall, message } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    complain(`${folder.path}: ${message}`);
    return 1;
  } finally {
    await table.flush();
  }
  if (files === 0 && exitCode === 0) complain(`Nothing is left to send to ${connectionText(connection)}.`);
  if (!all && others.length > 0) {
    complain(`Events for ${others.map(connectionText).join(", ")} wait, too; --all sends them.`);
  }
  return exitCode;
}

/** Says, where others come behind, why the service in use failed; else throws it. */
async function orExitCode(
  sending: Promise<void>,
  { explain, complain }: CommandContext,
  hasOthers: boolean,
): Promise<ExitCode> {
  try {
    await sending;
    return 0;
  } catch (error) {
    if (!hasOthers || !(error instanceof ActivityEventsError)) throw error;
    complain(await explain(error));
    return exitCodeOf(error);
  }
}

/** Sends what is left for a service that is not the one in use. */
async function flushOther(
  service: Context,
  { config, complain }: CommandContext,
  send: (service: Context, client: ActivityEventsClient) => Promise<void>,
): Promise<ExitCode> {
  try {
    const client = new ActivityEventsClient(await serviceAddress(service as ServiceFlags, config));
    try {
      await send(service, client);
      return 0;
    } finally {
      client.close();
    }
  } catch (error) {
    if (!(error instanceof ActivityEventsError || error instanceof AccessError || error instanceof UsageError))
      throw error;
    complain(`${connectionText(service)}: ${error.message}`);
    return error instanceof AccessError ? 5 : exitCodeOf(error);
  }
}

function servicesOf(files: readonly LeftFile[]): readonly Context[] {
  const services: Context[] = [];
  for (const { head } of files) {
    if (head?.kind !== "head") continue;
    const { service } = head.head;
    if (!services.some((known) => isSameService(known, service))) services.push(service);
  }
  return services;
}
