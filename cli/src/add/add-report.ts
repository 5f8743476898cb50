import type { ActivityEventsError, IngestOutcome } from "@activity-events/client";
import {
  type CreateEventResponse,
  CreateEventResponseSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { create } from "@bufbuild/protobuf";
import { ProgressLine } from "../output/progress-line.ts";
import type { CommandContext } from "../program/command-context.ts";
import { describeError } from "../program/describe-error.ts";
import { type ExitCode, exitCodeOf } from "../program/exit-code.ts";
import type { InterruptedCode } from "../program/interruption.ts";
import { addResultWriter } from "./add-result-writer.ts";
import { AddTally } from "./add-tally.ts";
import type { LineFault, LineRange } from "./lines-under-way.ts";

const intervalMs = 200;

type StoredOutcome = Extract<IngestOutcome, { kind: "stored" }>;

/**
 * Tells what comes of the lines of `add`: a row or an object for each that is stored, a sentence for each that is not, and
 * on a terminal a line that says how it goes.
 */
export class AddReport {
  readonly #context: CommandContext;
  readonly #tally = new AddTally(performance.now());
  readonly #progress: ProgressLine;
  readonly #writeResult: (result: CreateEventResponse) => Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  #hasShown = false;
  #isLost = false;
  #exitCode: ExitCode = 0;

  constructor(context: CommandContext) {
    this.#context = context;
    this.#progress = new ProgressLine(context.terminal);
    this.#writeResult = addResultWriter(context);
  }

  /** The first fault's. */
  get exitCode(): ExitCode {
    return this.#exitCode;
  }

  /** From now on shows how it goes; `underWay` says how many events wait for an answer. */
  begin(underWay: () => number): void {
    if (this.#context.terminal === undefined) return;
    this.#timer = setInterval(() => {
      this.#hasShown = true;
      this.#progress.show(this.#tally.progress(performance.now(), underWay()));
    }, intervalMs);
  }

  async stored(outcome: StoredOutcome): Promise<void> {
    this.#tally[outcome.duplicate ? "duplicates" : "recorded"] += 1;
    if (outcome.duplicate && outcome.resent) this.#tally.duplicatesSentTwice += 1;
    const write = () => this.#writeResult(resultOf(outcome));
    if (this.#context.output.isTerminal) await this.#progress.above(write);
    else await write();
  }

  fault(number: number, { exitCode, text }: LineFault): void {
    this.#tally.refused += 1;
    this.#fail(exitCode, `line ${number}: ${text}`);
  }

  /** It ended before the outcomes of these lines came. */
  lost(error: ActivityEventsError, lines: LineRange): void {
    const { first, last } = lines;
    const which = first === last ? `line ${first}` : `lines ${first} to ${last}`;
    const what =
      error.code === "UNIMPLEMENTED"
        ? "Nothing of these was recorded. With flags, add records one event in a way that older services know."
        : "These may be stored. Send them again; what has an event_id is not doubled.";
    this.#isLost = true;
    this.#fail(exitCodeOf(error), `${which}: ${describeError(error, this.#context.service)}\n  ${what}`);
  }

  /** Says something that is no fault. */
  note(text: string): void {
    void this.#progress.above(() => this.#context.complain(text));
  }

  /** Ends with the numbers, where somebody has seen them grow, or not all of the input was recorded or not all could be told. */
  end(signalled: InterruptedCode | undefined, nextNumber: number | undefined): void {
    clearInterval(this.#timer);
    this.#progress.remove();
    const isWhole = !this.#isLost && !this.#context.output.hasFailed && signalled === undefined;
    if (isWhole && !this.#hasShown) return;
    const cause = signalled === undefined ? "" : `Ended by ${signalled === 130 ? "Ctrl-C" : "SIGTERM"}: `;
    const unsent = nextNumber === undefined ? "" : `\n  Line ${nextNumber} and those after it were not sent.`;
    this.#context.complain(`${cause}${this.#tally.summary(performance.now())}.${unsent}`);
  }

  #fail(exitCode: ExitCode, text: string): void {
    this.#exitCode ||= exitCode;
    this.note(text);
  }
}

/** Of the event what the acknowledgement says, in the form of CreateEvent's answer. */
function resultOf({ event, sequence, receiveTime, duplicate }: StoredOutcome): CreateEventResponse {
  const { deploymentId, eventId } = event;
  const name = `deployments/${deploymentId}/events/${eventId}`;
  const said = { name, eventId, deploymentId, sequence, ...(receiveTime === undefined ? {} : { receiveTime }) };
  return create(CreateEventResponseSchema, { event: said, duplicate });
}
