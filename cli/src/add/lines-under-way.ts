import { escapeControls } from "@activity-events/client";
import { Wakeup } from "@activity-events/client/internal";
import type { Event } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { ExitCode } from "../program/exit-code.ts";
import { UsageError } from "../program/usage-error.ts";
import type { ParsedLine } from "./event-line.ts";

/** Faults that may wait for earlier lines; beyond that, no line is read. */
const waitingFaultsMax = 1_000;

/** Reason why a line was not recorded, in printable text, and its exit code. */
export interface LineFault {
  readonly exitCode: ExitCode;
  /** Undefined if the fault of an earlier line says it. */
  readonly text: string | undefined;
}

/** A range of line numbers, inclusive. */
export interface LineRange {
  readonly first: number;
  readonly last: number;
}

/** A line, or another part of the input; several may have one number. */
interface Numbered {
  readonly number: number;
}

/** Input and callback of `LinesUnderWay`. */
export interface LinesOptions<Line extends Numbered> {
  /** Must end or fail soon after `stop`. */
  readonly lines: AsyncIterable<readonly Line[]>;
  /** Parses the lines in order. */
  readonly parse: (line: Line) => ParsedLine;
  /** Receives doubts about events that are sent nevertheless. */
  readonly onWarning: (number: number, text: string) => void;
  /** Receives the faults in line order. */
  readonly onFault: (number: number, fault: LineFault) => void;
}

interface TakenLine {
  readonly number: number;
  /** Set if the line holds no event. */
  readonly fault?: LineFault;
}

/**
 * Tracks lines from input to outcome. Yields their events and matches each outcome to its line; outcomes come in the order
 * of the events.
 */
export class LinesUnderWay<Line extends Numbered> {
  readonly #options: LinesOptions<Line>;
  /** Lines without an outcome, and the faulty lines after them. */
  readonly #taken: TakenLine[] = [];
  readonly #room = new Wakeup();
  #events = 0;
  #lastNumber = 0;
  #isStopped = false;
  #isWhole = false;
  #hasContent = false;

  constructor(options: LinesOptions<Line>) {
    this.#options = options;
  }

  /** Number of events without an outcome. */
  get events(): number {
    return this.#events;
  }

  /** Number of the first line that was not taken; undefined after the end of the input. */
  get nextNumber(): number | undefined {
    return this.#isWhole ? undefined : this.#lastNumber + 1;
  }

  /** True if the input has ended and had nothing but blank lines. */
  get isEmpty(): boolean {
    return this.#isWhole && !this.#hasContent;
  }

  /** First and last line whose event has no outcome. */
  get range(): LineRange | undefined {
    const isEvent = ({ fault }: TakenLine) => fault === undefined;
    const [first, last] = [this.#taken.find(isEvent), this.#taken.findLast(isEvent)];
    return first === undefined || last === undefined ? undefined : { first: first.number, last: last.number };
  }

  /** Yields the events until the input ends or `stop` is called. Call it once. */
  async *take(): AsyncGenerator<Event, void, undefined> {
    try {
      for await (const lines of this.#options.lines) {
        for (const line of lines) {
          while (this.#hasManyFaults && !this.#isStopped) await this.#room.wait();
          if (this.#isStopped) return;
          const event = this.#take(line);
          if (event !== undefined) yield event;
        }
      }
      this.#isWhole = !this.#isStopped;
    } catch (error) {
      if (!this.#isStopped) throw new UsageError(`Standard input cannot be read: ${String(error)}`, { cause: error });
    }
  }

  /** Stops taking lines. */
  stop(): void {
    this.#isStopped = true;
    this.#room.wake();
  }

  /** Records the next outcome; `fault` is set if the event was refused. */
  settle(fault?: LineFault): void {
    const line = this.#taken.shift();
    if (line === undefined) throw new Error("outcome without a line");
    this.#events -= 1;
    if (fault !== undefined) this.#options.onFault(line.number, fault);
    this.#tellFaults();
  }

  /** Gives up on missing outcomes and reports the faults that wait after them. */
  abandon(): void {
    const faulty = this.#taken.filter(({ fault }) => fault !== undefined);
    this.#taken.length = 0;
    this.#events = 0;
    this.#taken.push(...faulty);
    this.#tellFaults();
  }

  get #hasManyFaults(): boolean {
    return this.#taken.length - this.#events >= waitingFaultsMax;
  }

  #take(line: Line): Event | undefined {
    const { number } = line;
    this.#lastNumber = number;
    const parsed = this.#options.parse(line);
    if (parsed.kind === "blank") return undefined;
    this.#hasContent = true;
    if (parsed.kind === "skipped") return undefined;
    if (parsed.kind === "event") {
      this.#taken.push({ number });
      this.#events += 1;
      if (parsed.warning !== undefined) this.#options.onWarning(number, escapeControls(parsed.warning));
      return parsed.event;
    }
    const text = parsed.kind === "bad" ? escapeControls(parsed.problem) : undefined;
    this.#taken.push({ number, fault: { exitCode: 2, text } });
    this.#tellFaults();
    return undefined;
  }

  /** Reports the faults with no pending line before them. */
  #tellFaults(): void {
    for (let [line] = this.#taken; line?.fault !== undefined; [line] = this.#taken) {
      this.#taken.shift();
      this.#options.onFault(line.number, line.fault);
    }
    this.#room.wake();
  }
}
