import type { ActivityEventsError } from "../activity-events-error.ts";
import type { ServiceAddress } from "../open-channel.ts";
import { addResultWriter } from "./add-result-writer.ts";
import { appendLines, type LineOutcome } from "./append-lines.ts";
import type { CommandContext } from "./command-context.ts";
import { describeError } from "./describe-error.ts";
import { escapeControls } from "./escape-controls.ts";
import { parseEventLine } from "./event-line.ts";
import { type ExitCode, exitCodeOf } from "./exit-code.ts";
import { lineParts } from "./line-parts.ts";
import { readLines } from "./read-lines.ts";

/**
 * Records the events of standard input, one in proto JSON a line, in their order. A line that is refused is reported by its
 * number and the rest goes on; when the service does not answer it ends there. Returns the first failure's exit code.
 */
export async function addLines(context: CommandContext): Promise<ExitCode> {
  const { client, timeoutMs, input, complain } = context;
  const write = addResultWriter(context);
  let exitCode: ExitCode = 0;
  const fail = (code: ExitCode, text: string) => {
    exitCode ||= code;
    complain(text);
  };
  for await (const lines of readLines(input)) {
    for (const part of lineParts(lines.map(parseEventLine))) {
      if (part.kind === "bad") {
        fail(2, `line ${part.number}: ${escapeControls(part.problem)}`);
        continue;
      }
      for await (const outcome of appendLines({ client, timeoutMs, lines: part.lines })) {
        if (outcome.kind === "stored") await write(outcome.result);
        else fail(exitCodeOf(outcome.error), describeOutcome(outcome, context.service));
        if (outcome.kind === "unanswered") return exitCode;
      }
    }
  }
  return exitCode;
}

function describeOutcome(outcome: Exclude<LineOutcome, { kind: "stored" }>, service: ServiceAddress): string {
  const words = (error: ActivityEventsError) => describeError(error, service);
  if (outcome.kind === "refused") return `line ${outcome.line.number}: ${words(outcome.error)}`;
  const [first, last] = [outcome.lines.at(0)?.number, outcome.lines.at(-1)?.number];
  const which = first === last ? `line ${first}` : `lines ${first} to ${last}`;
  return `${which}: ${words(outcome.error)}\n  These may be stored, and nothing after them was sent. Send them again; what has an event_id is not doubled.`;
}
