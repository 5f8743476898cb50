import { once } from "node:events";
import type { Event, Outcome, Severity } from "@activity-events/client";
import { EventSchema, SeveritySchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { type Command, InvalidArgumentError } from "commander";
import { enumOption } from "../flags/enum-option.ts";
import { parseFile, parseId, parseLabel } from "../flags/parse-flags.ts";
import { messageWriter } from "../output/message-writer.ts";
import { type CommandContext, type Perform, reach } from "../program/command-context.ts";
import type { ExitCode } from "../program/exit-code.ts";
import { eventOfAllColumns } from "../read/event-columns.ts";
import { addMatchFlags, eventMatch } from "../read/event-match.ts";
import { tellConnection } from "../read/tell-connection.ts";
import { CursorFile, CursorNotWritten } from "./cursor-file.ts";
import { defaultText, type EventText, fieldNames, parseTemplate } from "./event-text.ts";
import { Forwarder } from "./forwarder.ts";
import { chooseTarget, kindOf, type TargetFlags } from "./targets/choose-target.ts";

/** Longest time that requests under way get after a signal, in ms: less than what a container gets. */
const lastRequestsMs = 5_000;

interface ForwardFlags extends TargetFlags {
  readonly cursor: string;
  readonly environment?: string;
  readonly service?: string;
  readonly fromStart?: true;
  readonly follow: boolean;
  readonly template?: EventText;
  readonly passOver?: ReadonlySet<string>;
  readonly typePrefix?: string;
  readonly severityMin?: Severity;
  readonly label?: Record<string, string>;
  readonly outcome?: Outcome;
  readonly text?: string;
}

const helpAfter = `
Targets:
  http://… https://…   posts each event as proto JSON
  cloudevents          posts CloudEvents 1.0 to --url
  slack, google-chat   posts a line to the incoming webhook at --url
  grafana              writes an annotation into the Grafana at --url
  pubsub:TOPIC         publishes what the mirror publishes, with the deployment as ordering key; TOPIC is its name in
                       GOOGLE_CLOUD_PROJECT, or projects/PROJECT/topics/TOPIC

Secrets come from the environment, since everybody on a machine sees arguments: FORWARD_URL instead of --url, FORWARD_TOKEN for
"Authorization: Bearer", FORWARD_SECRET to sign by Standard Webhooks.

Fields of --template: {${fieldNames.join("}, {")}}; {{ is a brace.

An event is told at least once, and those of a deployment in their order. A target that takes nothing is tried again until it does; an event
that it refuses holds up its deployment alone.

Examples:
  FORWARD_URL=https://hooks.slack.com/… activity_client forward --to slack --cursor slack.cursor --type-prefix deployment.finished
  activity_client forward --to https://example.com/hook --cursor hook.cursor --environment production`;

/** Adds `forward`: tells another system the events of all deployments. */
export function defineForward(program: Command, perform: Perform): void {
  const command = program
    .command("forward")
    .description("tell another system the events of all deployments, each at least once and in order")
    .requiredOption("--to <target>", "URL, cloudevents, slack, google-chat, grafana or pubsub:TOPIC", parseId)
    .requiredOption(
      "--cursor <file>",
      "file that keeps how far each deployment was told; made at the first start",
      parseFile,
    )
    .option("--url <url>", "address of the target (default: FORWARD_URL)", parseId)
    .option("--environment <text>", "only deployments to this environment")
    .option("--service <text>", "only deployments of this service")
    .option("-t, --type-prefix <text>", "only events whose type starts with this prefix")
    .addOption(enumOption("-s, --severity-min <severity>", "only events of at least this severity", SeveritySchema))
    .option("-l, --label <key=value>", "only events with this label; repeatable", parseLabel)
    .option("--template <text>", "line for people, such as '{service} {revision}: {type}'", parseTemplate)
    .option("--from-start", "at the first start: begin with what is recorded, instead of behind it")
    .option("--pass-over <deployment/sequence>", "leave this event out; repeatable", parsePlace)
    .option("--no-follow", "exit when all that is recorded is told");
  addMatchFlags(command)
    .addHelpText("after", helpAfter)
    .action((flags: ForwardFlags) => perform(command, (context) => forward(context, flags)));
}

function parsePlace(text: string, places: ReadonlySet<string> = new Set()): ReadonlySet<string> {
  if (/^[^/]+\/[1-9]\d{0,18}$/.test(text)) return new Set([...places, text]);
  throw new InvalidArgumentError("Expected DEPLOYMENT/SEQUENCE, such as release-42/7.");
}

async function forward(context: CommandContext, flags: ForwardFlags): Promise<ExitCode> {
  const { output, interruption, complain, address } = context;
  const { environment = "", service = "" } = flags;
  const target = chooseTarget(flags, process.env);
  const cursors = await CursorFile.open(flags.cursor, { to: kindOf(flags.to), address, environment, service });
  const [stopping, givingUp] = [new AbortController(), new AbortController()];
  const rows = messageWriter(context, EventSchema, eventOfAllColumns(context));
  const forwarder = new Forwarder({
    client: context.client,
    target,
    cursors,
    fromStart: flags.fromStart === true,
    matches: matchOf(flags),
    text: flags.template ?? defaultText,
    passOver: flags.passOver ?? new Set(),
    onTold: async (event) => {
      await rows.write(event);
      await rows.flush({ isLive: true });
    },
    complain,
    stopping: stopping.signal,
    givingUp: givingUp.signal,
  });
  let exitCode: ExitCode = 0;
  const restore = interruption.intercept((code) => {
    if (stopping.signal.aborted) givingUp.abort();
    exitCode = code;
    stopping.abort();
  });
  // Nobody sees what is told any more, as after `head`.
  output.closed.addEventListener("abort", () => stopping.abort());
  try {
    await Promise.race([reach(context), once(stopping.signal, "abort")]);
    const watched = watch(forwarder, context, {
      environment,
      service,
      follow: flags.follow,
      stopping: stopping.signal,
    });
    await Promise.race([watched, forwarder.lanes.failed]);
    const { putOff } = forwarder.lanes;
    if (!flags.follow && putOff > 0) {
      complain(`${putOff === 1 ? "1 deployment is" : `${putOff} deployments are`} not told to the end.`);
      exitCode ||= 1;
    }
  } catch (error) {
    if (!(error instanceof CursorNotWritten)) throw error;
    complain(error.message);
    exitCode = 1;
  } finally {
    stopping.abort();
    const timer = setTimeout(() => givingUp.abort(), lastRequestsMs);
    await forwarder.lanes.stop();
    clearTimeout(timer);
    await rows.flush();
    await cursors.close().catch(() => {});
    restore();
  }
  return exitCode;
}

interface WatchOptions {
  readonly environment: string;
  readonly service: string;
  readonly follow: boolean;
  readonly stopping: AbortSignal;
}

/** Has the forwarder take what comes, until it is stopped; without `follow` until all that is recorded is told or obstructed. */
async function watch(forwarder: Forwarder, context: CommandContext, options: WatchOptions): Promise<void> {
  const { environment, service, follow, stopping } = options;
  const tell = tellConnection(context);
  for await (const item of context.client.watchDeployments(
    { filter: { environment, service } },
    { signal: stopping },
  )) {
    tell(item);
    await forwarder.take(item);
    if (item.kind === "caughtUp" && !follow) break;
  }
  if (!follow) await forwarder.lanes.settled;
}

function matchOf(flags: ForwardFlags): (event: Event) => boolean {
  const { typePrefix = "", severityMin = 0, label = {} } = flags;
  const matches = eventMatch(flags);
  return (event) =>
    event.type.startsWith(typePrefix) &&
    event.severity >= severityMin &&
    Object.entries(label).every(([key, value]) => Object.hasOwn(event.labels, key) && event.labels[key] === value) &&
    matches?.(event) !== false;
}
