import type { ActivityEventsError, IngestOutcome } from "@activity-events/client";
import {
  type CreateEventResponse,
  CreateEventResponseSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { create } from "@bufbuild/protobuf";
import { ProgressLine } from "../output/progress-line.ts";
import type { CommandContext } from "../program/command-context.ts";
import { type ExitCode, exitCodeOf } from "../program/exit-code.ts";
import type { InterruptedCode } from "../program/interruption.ts";
import { addResultWriter } from "./add-result-writer.ts";
import { AddTally } from "./add-tally.ts";
import type { LineFault, LineRange } from "./lines-under-way.ts";

const intervalMs = 200;

type StoredOutcome = Extract<IngestOutcome, { kind: "stored" }>;

/**
 * Reports the outcomes of `add`: a row or an object for each stored event, a message for each refused line, and a progress
 * line on a terminal.
 */
export class AddReport {
  readonly #context: CommandContext;
  /** What a part of the input is called. */
  readonly #noun: string;
  readonly #tally = new AddTally(performance.now());
  readonly #progress: ProgressLine;
  readonly #writeResult: (result: CreateEventResponse) => Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  #hasShown = false;
  #isLost = false;
  #exitCode: ExitCode = 0;

  constructor(context: CommandContext, noun: "line" | "item") {
    this.#context = context;
    this.#noun = noun;
    this.#progress = new ProgressLine(context.terminal);
    this.#writeResult = addResultWriter(context);
  }

  /** Exit code of the first fault. */
  get exitCode(): ExitCode {
    return this.#exitCode;
  }

  /** Starts the progress line; `underWay` returns the number of events without an outcome. */
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
    this.#exitCode ||= exitCode;
    if (text !== undefined) this.note(`${this.#noun} ${number}: ${text}`);
  }

  /** Warns about an event that is sent nevertheless. */
  warning(number: number, text: string): void {
    this.note(`${this.#noun} ${number}: warning: ${text}`);
  }

  /** Reports lines whose outcomes never came. */
  lost(error: ActivityEventsError, explained: string, lines: LineRange): void {
    const { first, last } = lines;
    const which = first === last ? `${this.#noun} ${first}` : `${this.#noun}s ${first} to ${last}`;
    const what =
      error.code === "UNIMPLEMENTED"
        ? "None of these events was recorded. Older services support add with flags, one event per run."
        : "These events may be stored. Send them again; an event with an event_id is stored only once.";
    this.#isLost = true;
    this.#fail(exitCodeOf(error), `${which}: ${explained}\n  ${what}`);
  }

  /** Writes a message above the progress line. */
  note(text: string): void {
    void this.#progress.above(() => this.#context.complain(text));
  }

  /** Ends the report. Prints the totals if a progress line was shown, a line was refused, or input or output is incomplete. */
  end(signalled: InterruptedCode | undefined, nextNumber: number | undefined): void {
    clearInterval(this.#timer);
    this.#progress.remove();
    const isWhole = !this.#isLost && !this.#context.output.hasFailed && signalled === undefined;
    if (isWhole && !this.#hasShown && this.#tally.refused === 0) return;
    const cause = signalled === undefined ? "" : `Ended by ${signalled === 130 ? "Ctrl-C" : "SIGTERM"}: `;
    const unsent =
      nextNumber === undefined
        ? ""
        : `\n  ${capital(this.#noun)} ${nextNumber} and later ${this.#noun}s were not sent.`;
    this.#context.complain(`${cause}${this.#tally.summary(performance.now())}.${unsent}`);
  }

  #fail(exitCode: ExitCode, text: string): void {
    this.#exitCode ||= exitCode;
    this.note(text);
  }
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

/** Converts an acknowledgement to CreateEvent's response, with the fields that it has. */
function resultOf({ event, sequence, receiveTime, duplicate }: StoredOutcome): CreateEventResponse {
  const { deploymentId, eventId } = event;
  const name = `deployments/${deploymentId}/events/${eventId}`;
  const said = { name, eventId, deploymentId, sequence, ...(receiveTime === undefined ? {} : { receiveTime }) };
  return create(CreateEventResponseSchema, { event: said, duplicate });
}
