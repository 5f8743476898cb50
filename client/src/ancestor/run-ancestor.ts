import {
  ActivityEvents,
  DeploymentSchema,
  type EventRequest,
  TimestampSchema,
} from "@activity-events/proto/activityevents/activity_events_pb.js";
import { create } from "@bufbuild/protobuf";
import type { Client } from "@grpc/grpc-js";
import { ActivityEventsError } from "../activity-events-error.ts";
import { escapeControls } from "../command-line/escape-controls.ts";
import { openChannel } from "../open-channel.ts";
import { serverStream } from "../server-stream.ts";
import { unaryCall } from "../unary-call.ts";
import { eventRequestFromJson } from "./event-request-from-json.ts";
import { goError } from "./go-error.ts";
import { type AncestorFlags, ancestorFlags, parseGoFlags } from "./go-flags.ts";
import { type LogLevel, logLine } from "./log-line.ts";
import { textFormat } from "./text-format.ts";

/** What the ancestor's face is started with. */
export interface AncestorStart {
  readonly args: readonly string[];
  readonly output: NodeJS.WritableStream;
  readonly errors: NodeJS.WritableStream;
}

// The ancestor waits for ever; nobody gains by that. Twenty seconds is what gRPC for Go gives a connection.
const answerTimeMs = 20_000;

const usage = `Usage of activity_client:\n${ancestorFlags}\n`;
const commandsHint = `
Commands for the new contract: add, list, tail, get, deployments, health.
Try "activity_client --help", or "activity_client add --help".
`;

/**
 * Runs one call in the form of the ancestor's client: with `-deployment` it lists, with `-add` it adds, with both it does
 * both in that order, with neither it helps. Its lines go to `errors`; returns the exit code.
 */
export async function runAncestor({ args, output, errors }: AncestorStart): Promise<0 | 1 | 2> {
  const parsed = parseGoFlags(args);
  if (parsed.kind === "wrong") {
    errors.write(`${parsed.problem}\n${usage}`);
    return 2;
  }
  const { flags } = parsed.kind === "help" ? { flags: undefined } : parsed;
  if (flags === undefined || (flags.deployment === 0 && flags.add === "")) {
    output.write(usage + commandsHint);
    return 0;
  }
  const log = (level: LogLevel, text: string) => errors.write(logLine(level, process.uptime(), text));
  const channel = openChannel({ address: addressOf(flags), tls: false });
  try {
    if (flags.deployment !== 0) await listEvents(channel, flags.deployment, log);
    return flags.add === "" ? 0 : await addEvent(channel, flags.add, log);
  } catch (error) {
    if (!(error instanceof AncestorFailure)) throw error;
    log("FATA", error.message);
    return 1;
  } finally {
    channel.close();
  }
}

type Log = (level: LogLevel, text: string) => void;

async function listEvents(channel: Client, id: number, log: Log): Promise<void> {
  const request = create(DeploymentSchema, { id });
  const events = serverStream(channel, ActivityEvents.method.listEvents, request, { silenceMaxMs: () => answerTimeMs });
  try {
    for await (const event of events) log("INFO", `Event: ${textFormat(event)}`);
  } catch (error) {
    throw failure("Error on get events", error);
  }
}

async function addEvent(channel: Client, json: string, log: Log): Promise<0 | 1> {
  const event = eventRequestFromJson(json);
  if (event === undefined) {
    // The ancestor leaves with 0 here, though nothing was recorded.
    log("ERRO", `Unable to parse ${json} as json data`);
    return 1;
  }
  event.timestamp = create(TimestampSchema, { send: nowNs() });
  const { id, success, executionTime } = await createEvent(channel, event);
  if (success) {
    log("INFO", `An event created with id [${id}] for deployment_id [${event.deploymentId}] in ${executionTime} ms`);
  }
  return 0;
}

function createEvent(channel: Client, event: EventRequest) {
  return unaryCall(channel, ActivityEvents.method.createEvent, event, { timeoutMs: answerTimeMs }).catch((error) => {
    throw failure("Could not create Event", error);
  });
}

class AncestorFailure extends Error {}

function failure(what: string, error: unknown): Error {
  if (!(error instanceof ActivityEventsError)) return new Error(what, { cause: error });
  return new AncestorFailure(`${what}: ${escapeControls(goError(error))}`, { cause: error });
}

function addressOf({ address, port }: AncestorFlags): string {
  // As in Go, no address is this machine, and an IPv6 address needs its brackets.
  if (address === "") return `localhost:${port}`;
  return address.includes(":") && !address.startsWith("[") ? `[${address}]:${port}` : `${address}:${port}`;
}

function nowNs(): bigint {
  return BigInt(Math.round((performance.timeOrigin + performance.now()) * 1_000)) * 1_000n;
}
