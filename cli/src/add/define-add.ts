import { fstatSync } from "node:fs";
import {
  type Outcome,
  OutcomeSchema,
  type Severity,
  SeveritySchema,
} from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { JsonObject } from "@bufbuild/protobuf";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { type Command, Option } from "commander";
import { v7 as uuidv7 } from "uuid";
import type { Config } from "../config.ts";
import { chooseId } from "../flags/choose-id.ts";
import { enumOption } from "../flags/enum-option.ts";
import { parseId, parseJsonObject, parseLabel, parseSequence, parseTime } from "../flags/parse-flags.ts";
import { type CommandContext, type Perform, reach } from "../program/command-context.ts";
import type { ExitCode } from "../program/exit-code.ts";
import { UsageError } from "../program/usage-error.ts";
import { sendLeft } from "../spool/send-left.ts";
import { readLines } from "../text/read-lines.ts";
import { timestampNow } from "../text/timestamp.ts";
import { addInRun } from "./add-in-run.ts";
import { addLines } from "./add-lines.ts";
import { addResultWriter } from "./add-result-writer.ts";
import { EventLines } from "./event-lines.ts";
import { readJsonItems } from "./json-items.ts";
import { isProjectUrl, type ListingSource, listedTools, mapItems } from "./listing-items.ts";
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
  readonly from?: ListingSource["tool"];
  readonly projectUrl?: string;
}

/** Adds `add`: records one event from flags, or many from standard input. */
export function defineAdd(program: Command, perform: Perform): void {
  const command = program
    .command("add")
    .description("record an event; without flags, record standard input, one event in proto JSON per line")
    .argument("[deployment-id]", "id of the deployment of the event", parseId)
    .option(
      "-d, --deployment-id <id>",
      "the same by a flag (default: that of run around it, or made of the CI run)",
      parseId,
    )
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
    .addOption(
      new Option(
        "--from <tool>",
        "read deployments from standard input as this tool's API lists them, and record the events of its webhooks",
      ).choices(listedTools),
    )
    .option("--project-url <url>", "project on GitLab, for deployments that have no job (with --from gitlab)")
    .option("--strict", "refuse a misspelt deployment.* type, which is otherwise recorded with a warning")
    .addHelpText(
      "after",
      `
Examples:
  activity_client add -d release-42 -t deployment.finished -o success
  gh api --paginate repos/acme/shop/deployments |
    activity_client add --from github`,
    )
    .action((id: string | undefined, flags: AddFlags) =>
      perform(command, (context) =>
        add(
          context,
          id === undefined ? flags : { ...flags, deploymentId: chooseId("deployment", id, flags.deploymentId) },
        ),
      ),
    );
}

async function add(
  context: CommandContext,
  { expectedSequence, strict = false, from, projectUrl, ...flags }: AddFlags,
): Promise<ExitCode> {
  if (from !== undefined) return addListing(context, { tool: from, projectUrl, ...flags }, expectedSequence);
  if (projectUrl !== undefined) throw new UsageError("--project-url requires --from gitlab.");
  if (Object.keys(flags).length > 0) {
    checkType(context, flags.type ?? "", strict);
    return addOne(context, flags, expectedSequence);
  }
  if (expectedSequence !== undefined) throw new UsageError("--expected-sequence requires an event given by flags.");
  checkInput(context);
  await reach(context);
  await sendLeft(context);
  const eventLines = new EventLines({ strict, deploymentId: context.config.deploymentId });
  return addLines(context, {
    noun: "line",
    lines: readLines(context.input),
    parse: (line) => eventLines.parse(line),
  });
}

/** Records a listing of another tool. Its items say all but what these flags say. */
async function addListing(
  context: CommandContext,
  { tool, projectUrl, environment = "", ...flags }: EventFlags & Pick<ListingSource, "tool" | "projectUrl">,
  expectedSequence: bigint | undefined,
): Promise<ExitCode> {
  if (Object.keys(flags).length > 0 || expectedSequence !== undefined) {
    throw new UsageError("--from takes no event by flags; only --environment, for the runs of a workflow on GitHub.");
  }
  if (projectUrl !== undefined && tool !== "gitlab") throw new UsageError("--project-url requires --from gitlab.");
  if (projectUrl !== undefined && !isProjectUrl(projectUrl)) {
    throw new UsageError(
      `--project-url must be an address such as https://gitlab.example/group/shop; found ${projectUrl}`,
    );
  }
  if (environment !== "" && tool !== "github") throw new UsageError("--environment with --from is for GitHub alone.");
  checkInput(context);
  await reach(context);
  await sendLeft(context);
  return addLines(context, {
    noun: "item",
    lines: mapItems(readJsonItems(context.input), { tool, environment, projectUrl }),
    parse: ({ parsed }) => parsed,
  });
}

/** Throws a `UsageError` if nothing is piped to standard input. */
function checkInput(context: CommandContext): void {
  if (context.input.isTTY) {
    throw new UsageError("Give --deployment-id and --message or --type, or pipe JSON lines to standard input.");
  }
  // Node reads a directory as empty input.
  if (fstatSync(context.input.fd).isDirectory()) {
    throw new UsageError("Standard input is a directory; pipe JSON lines instead.");
  }
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
  const event = { sendTime: timestampNow(), ...surroundings(fields, context.config), ...fields, labels: label };
  // A condition on the sequence asks for an answer now.
  if (context.config.runDeploymentId !== undefined && expectedSequence === undefined) {
    return addInRun(context, { eventId: uuidv7(), ...event });
  }
  await reach(context);
  await sendLeft(context);
  const request = { event, expectedSequence };
  const result = await context.client.createEvent(request, { timeoutMs: context.timeoutMs });
  await addResultWriter(context)(result);
  return 0;
}

/** Returns what the event gets from the run around it, or of a new deployment from the CI system. */
function surroundings({ deploymentId: given }: EventFlags, { deploymentId, traceParent, ci }: Config): EventFlags {
  if (given !== undefined) return {};
  if (deploymentId !== undefined) return { deploymentId, ...(traceParent === undefined ? {} : { traceParent }) };
  if (ci === undefined) return {};
  const { system: _, ...fields } = ci;
  return fields;
}
