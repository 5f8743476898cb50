import { ActivityEventsError } from "@activity-events/client";
import type { CommandContext } from "../program/command-context.ts";
import { describeError } from "../program/describe-error.ts";
import { type ExitCode, exitCodeOf } from "../program/exit-code.ts";
import { AddReport } from "./add-report.ts";
import { type LinesOptions, LinesUnderWay } from "./lines-under-way.ts";
import { WindingDown } from "./winding-down.ts";

/** Parts of the input, how they are read, and what they are called. */
export interface AddSource<Line extends { readonly number: number }>
  extends Pick<LinesOptions<Line>, "lines" | "parse"> {
  readonly noun: "line" | "item";
}

/**
 * Records the events of standard input, in order, over IngestEvents. Reports refused lines by number and continues; stops when the service stays away. The first Ctrl-C or SIGTERM ends the input and waits for the
 * outcomes of events already sent; the second stops waiting. Returns the exit code of the signal or of the first fault.
 */
export async function addLines<Line extends { readonly number: number }>(
  context: CommandContext,
  { noun, ...source }: AddSource<Line>,
): Promise<ExitCode> {
  const { client, timeoutMs, service, input, interruption, explain } = context;
  const report = new AddReport(context, noun);
  const lines = new LinesUnderWay({
    ...source,
    onWarning: (number, text) => report.warning(number, text),
    onFault: (number, fault) => report.fault(number, fault),
  });
  const windingDown = new WindingDown({
    interruption,
    onSignal: () => {
      lines.stop();
      // The next line may never come.
      input.destroy();
    },
    onDelay: () => report.note("Waiting for events already sent; press Ctrl-C again to stop waiting."),
  });
  report.begin(() => lines.events);
  try {
    const outcomes = client.ingestEvents(lines.take(), { timeoutMs, signal: windingDown.givenUp });
    for await (const outcome of outcomes) {
      if (outcome.kind === "stored") {
        lines.settle();
        await report.stored(outcome);
      } else {
        const { error } = outcome;
        lines.settle({ exitCode: exitCodeOf(error), text: describeError(error, service) });
      }
    }
  } catch (error) {
    const { range } = lines;
    if (!(error instanceof ActivityEventsError) || range === undefined) throw error;
    report.lost(error, await explain(error), range);
    lines.abandon();
  } finally {
    windingDown.end();
    if (lines.isEmpty) report.note("Standard input is empty; nothing was recorded.");
    report.end(windingDown.exitCode, lines.nextNumber);
  }
  return windingDown.exitCode ?? report.exitCode;
}
