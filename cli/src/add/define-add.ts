import { fstatSync } from "node:fs";
import {
  type Outcome,
  OutcomeSchema,
  type Severity,
  SeveritySchema,
} from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { JsonObject } from "@bufbuild/protobuf";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type { Command } from "commander";
import { enumOption } from "../flags/enum-option.ts";
import { parseId, parseJsonObject, parseLabel, parseSequence, parseTime } from "../flags/parse-flags.ts";
import { type CommandContext, type Perform, reach } from "../program/command-context.ts";
import type { ExitCode } from "../program/exit-code.ts";
import { UsageError } from "../program/usage-error.ts";
import { timestampNow } from "../text/timestamp.ts";
import { addLines } from "./add-lines.ts";
import { addResultWriter } from "./add-result-writer.ts";
import { typeProblem } from "./type-problem.ts";

interface EventFlags {
  readonly deploymentId?: string;
  readonly eventId?: string;
  readonly type?: string;
  readonly outcome?: Outcome;
  readonly severity?: Severity;
  readonly message?: string;
  readonly sendTime?: Timestamp;
  readonly source?: string;
  readonly actor?: string;
  readonly environment?: string;
  readonly service?: string;
  readonly revision?: string;
  readonly commit?: string;
  readonly commitTime?: Timestamp;
  readonly url?: string;
  readonly label?: Record<string, string>;
  readonly data?: JsonObject;
  readonly traceParent?: string;
}

interface AddFlags extends EventFlags {
  readonly expectedSequence?: bigint;
  readonly strict?: boolean;
}

/** Adds `add`: records one event from flags, or many from standard input. */
export function defineAdd(program: Command, perform: Perform): void {
  const command = program
    .command("add")
    .description("record an event; without flags, record standard input, one event in proto JSON per line")
    .option("-d, --deployment-id <id>", "id of the deployment (required)", parseId)
    .option("-e, --event-id <id>", "permanent id of the event (default: a new UUIDv7)", parseId)
    .option("-t, --type <type>", "event type, such as deployment.started; required without --message")
    .addOption(
      enumOption(
        "-o, --outcome <outcome>",
        "outcome of the deployment, for type deployment.finished only",
        OutcomeSchema,
      ),
    )
    .addOption(enumOption("-s, --severity <severity>", "severity of the event (default: info)", SeveritySchema))
    .option("-m, --message <text>", "message for people; required without --type")
    .option("--send-time <time>", "time on your clock, RFC 3339 (default: now)", parseTime)
    .option("--source <uri>", "producer of the event, a URI reference")
    .option("--actor <text>", "person or program that acted")
    .option("--environment <text>", "target environment")
    .option("--service <text>", "service that is rolled out")
    .option("--revision <text>", "version that is rolled out")
    .option("--commit <text>", "source commit of the revision")
    .option("--commit-time <time>", "time of the commit, RFC 3339", parseTime)
    .option("--url <url>", "web page with details")
    .option("-l, --label <key=value>", "label; repeatable", parseLabel)
    .option("--data <json>", "additional data, a JSON object", parseJsonObject)
    .option("--trace-parent <text>", "W3C traceparent of the event's trace")
    .option(
      "--expected-sequence <sequence>",
      "record only if this is the head sequence; 0 if the deployment must not exist",
      parseSequence,
    )
    .option("--strict", "refuse a misspelt deployment.* type, which is otherwise recorded with a warning")
    .addHelpText("after", "\nExample:\n  activity_client add -d release-42 -t deployment.finished -o success")
    .action((flags: AddFlags) => perform(command, (context) => add(context, flags)));
}

async function add(
  context: CommandContext,
  { expectedSequence, strict = false, ...flags }: AddFlags,
): Promise<ExitCode> {
  if (Object.keys(flags).length > 0) {
    checkType(context, flags.type ?? "", strict);
    return addOne(context, flags, expectedSequence);
  }
  if (expectedSequence !== undefined) throw new UsageError("--expected-sequence requires an event given by flags.");
  if (context.input.isTTY) {
    throw new UsageError("Give --deployment-id and --message or --type, or pipe JSON lines to standard input.");
  }
  // Node reads a directory as empty input.
  if (fstatSync(context.input.fd).isDirectory()) {
    throw new UsageError("Standard input is a directory; pipe JSON lines instead.");
  }
  await reach(context);
  return addLines(context, { strict });
}

/** Warns of a type that looks misspelt; throws a `UsageError` if that is not allowed. */
function checkType({ complain }: CommandContext, type: string, strict: boolean): void {
  const problem = typeProblem(type);
  if (problem === undefined) return;
  if (strict) throw new UsageError(`--type: ${problem}`);
  complain(`warning: ${problem}`);
}

async function addOne(
  context: CommandContext,
  { label = {}, ...fields }: EventFlags,
  expectedSequence: bigint | undefined,
): Promise<ExitCode> {
  await reach(context);
  const event = { sendTime: timestampNow(), ...fields, labels: label };
  const request = { event, expectedSequence };
  const result = await context.client.createEvent(request, { timeoutMs: context.timeoutMs });
  await addResultWriter(context)(result);
  return 0;
}
