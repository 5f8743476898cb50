import { getServers } from "node:dns";
import { ActivityEventsError, escapeControls } from "@activity-events/client";
import { openChannel, serverStream, unaryCall } from "@activity-events/client/internal";
import {
  ActivityEvents,
  DeploymentSchema,
  type EventRequest,
  TimestampSchema,
} from "@activity-events/proto/activityevents/activity_events_pb.js";
import { create } from "@bufbuild/protobuf";
import type { Client, ServiceError } from "@grpc/grpc-js";
import { dial } from "./dial.ts";
import { dialProblem } from "./dial-problem.ts";
import { eventRequestFromJson } from "./event-request-from-json.ts";
import { goDialError, goError } from "./go-error.ts";
import { type AncestorFlags, ancestorFlags, parseGoFlags } from "./go-flags.ts";
import { type LogLevel, logLine } from "./log-line.ts";
import { textFormat } from "./text-format.ts";

/** Arguments and streams of a call in the ancestor's style. */
export interface AncestorStart {
  readonly args: readonly string[];
  readonly output: NodeJS.WritableStream;
  readonly errors: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

// The ancestor waits for ever. 20 s is the connection timeout of gRPC for Go.
const answerTimeMs = 20_000;

const usage = `Usage of activity_client:\n${ancestorFlags}`;
const commandsHint = `
Commands for the new contract: run, add, flush, list, tail, get, deployments,
forward, export, import, verify, redact, delete, undelete, purge, expire, replay,
health, context, access, completion.
Try "activity_client --help", or "activity_client add --help".
`;

/**
 * Runs one call in the ancestor's style: `-deployment` lists, `-add` adds, both do both in that order, neither prints the
 * flags. Writes its lines to `errors`; returns the exit code.
 */
export async function runAncestor({ args, output, errors }: AncestorStart): Promise<0 | 1 | 2> {
  const isTerminal = errors.isTTY === true;
  const parsed = parseGoFlags(args);
  if (parsed.kind === "wrong") {
    errors.write(`${isTerminal ? escapeControls(parsed.problem) : parsed.problem}\n${usage}`);
    return 2;
  }
  if (parsed.kind === "help") {
    errors.write(usage);
    return 0;
  }
  const { flags } = parsed;
  if (flags.deployment === 0 && flags.add === "") {
    errors.write(ancestorFlags);
    if (args.length === 0) output.write(commandsHint);
    return 0;
  }
  const log = (level: LogLevel, text: string) =>
    errors.write(logLine(level, text, { isTerminal, secondsSinceStart: process.uptime(), now: new Date() }));
  try {
    return await callService(flags, log);
  } catch (error) {
    if (!(error instanceof AncestorFailure)) throw error;
    log("fatal", error.message);
    return 1;
  }
}

type Log = (level: LogLevel, text: string) => void;

async function callService(flags: AncestorFlags, log: Log): Promise<0 | 1> {
  const dialed = dial(flags);
  // Fails at the first call, as a connection does, and only after the event is parsed.
  const open = (what: string) => {
    if (dialed.kind === "undialable") throw new AncestorFailure(`${what}: ${goDialError(dialed.problem)}`);
    return openChannel({ address: dialed.target, tls: false });
  };
  if (flags.deployment !== 0) {
    await onChannel(open("Error on get events"), (channel) => listEvents(channel, flags, log));
  }
  if (flags.add === "") return 0;
  const event = eventRequestFromJson(flags.add);
  if (event === undefined) {
    // The ancestor exits with 0 here, although it recorded nothing.
    log("error", `Unable to parse ${flags.add} as json data`);
    return 1;
  }
  await onChannel(open("Could not create Event"), (channel) => addEvent(channel, event, flags, log));
  return 0;
}

async function onChannel(channel: Client, run: (channel: Client) => Promise<void>): Promise<void> {
  try {
    await run(channel);
  } finally {
    channel.close();
  }
}

async function listEvents(channel: Client, flags: AncestorFlags, log: Log): Promise<void> {
  const request = create(DeploymentSchema, { id: flags.deployment });
  const events = serverStream(channel, ActivityEvents.method.listEvents, request, { silenceMaxMs: () => answerTimeMs });
  try {
    for await (const event of events) log("info", `Event: ${textFormat(event)}`);
  } catch (error) {
    // The ancestor prints the memory address of its client here.
    throw failure(error, flags, { dialing: "Error on get events: ", answered: "&{0xc000000000}.ListEvents(_) = _, " });
  }
}

async function addEvent(channel: Client, event: EventRequest, flags: AncestorFlags, log: Log): Promise<void> {
  event.timestamp = create(TimestampSchema, { send: nowNs() });
  const { method } = ActivityEvents;
  const answer = unaryCall(channel, method.createEvent, event, { timeoutMs: answerTimeMs });
  const { id, success, executionTime } = await answer.catch((error) => {
    throw failure(error, flags, { dialing: "Could not create Event: ", answered: "Could not create Event: " });
  });
  if (success) {
    log("info", `An event created with id [${id}] for deployment_id [${event.deploymentId}] in ${executionTime} ms`);
  }
}

class AncestorFailure extends Error {}

/** Words a failed call as the ancestor does, with or without a connection. */
function failure(error: unknown, flags: AncestorFlags, says: { readonly dialing: string; readonly answered: string }) {
  if (!(error instanceof ActivityEventsError)) return error;
  const { details = "" } = (error.cause ?? {}) as Partial<ServiceError>;
  const problem = dialProblem(details, { ...flags, nameServers: getServers() });
  const text = problem === undefined ? says.answered + goError(error) : says.dialing + goDialError(problem);
  return new AncestorFailure(text, { cause: error });
}

function nowNs(): bigint {
  return BigInt(Math.round((performance.timeOrigin + performance.now()) * 1_000)) * 1_000n;
}
