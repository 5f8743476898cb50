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
import { parseId, parseJsonObject, parseLabel, parseSequence, parseTime } from "../flags/parse-flags.ts";
import { type CommandContext, type Perform, reach } from "../program/command-context.ts";
import type { ExitCode } from "../program/exit-code.ts";
import { UsageError } from "../program/usage-error.ts";
import { parseEnumName } from "../text/enum-name.ts";
import { timestampNow } from "../text/timestamp.ts";
import { addLines } from "./add-lines.ts";
import { addResultWriter } from "./add-result-writer.ts";

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
}

/** Adds `add`: record one event from flags, or many from standard input. */
export function defineAdd(program: Command, perform: Perform): void {
  const command = program
    .command("add")
    .description("record an event; without flags: each line of standard input, an event in proto JSON")
    .option("--deployment-id <id>", "the deployment; required", parseId)
    .option("--event-id <id>", "names the event for ever; default: a new UUIDv7", parseId)
    .option("--type <type>", "what happened, such as deployment.started; this or --message is required")
    .option(
      "--outcome <outcome>",
      "how the deployment ended; with deployment.finished only",
      parseEnumName(OutcomeSchema),
    )
    .option("--severity <severity>", "how much it matters; default: info", parseEnumName(SeveritySchema))
    .option("--message <text>", "for people")
    .option("--send-time <time>", "your clock, RFC 3339; default: now", parseTime)
    .option("--source <uri>", "where the event comes from")
    .option("--actor <text>", "who or what acted")
    .option("--environment <text>", "where to it is rolled out")
    .option("--service <text>", "what is rolled out")
    .option("--revision <text>", "its version")
    .option("--commit <text>", "the commit that it was built from")
    .option("--commit-time <time>", "when the commit was made, RFC 3339", parseTime)
    .option("--url <url>", "a page for people")
    .option("--label <key=value>", "a label; may be repeated", parseLabel)
    .option("--data <json>", "anything else, a JSON object", parseJsonObject)
    .option("--trace-parent <text>", "the trace that it belongs to, as in W3C's traceparent")
    .option(
      "--expected-sequence <sequence>",
      "refuse unless this is the head sequence; 0: no such deployment",
      parseSequence,
    )
    .action((flags: AddFlags) => perform(command, (context) => add(context, flags)));
}

async function add(context: CommandContext, { expectedSequence, ...flags }: AddFlags): Promise<ExitCode> {
  if (Object.keys(flags).length > 0) return addOne(context, flags, expectedSequence);
  if (expectedSequence !== undefined) throw new UsageError("--expected-sequence goes with one event, given by flags.");
  if (context.input.isTTY) {
    throw new UsageError("Say what happened with --deployment-id and --message or --type, or pipe JSON lines in.");
  }
  // Node reads one as if nothing were in it.
  if (fstatSync(context.input.fd).isDirectory()) {
    throw new UsageError("Standard input is a directory; pipe a file with JSON lines in.");
  }
  await reach(context);
  return addLines(context);
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
