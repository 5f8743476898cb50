import { escapeControls } from "@activity-events/client";
import { Wakeup } from "@activity-events/client/internal";
import type { Event } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { ExitCode } from "../program/exit-code.ts";
import { UsageError } from "../program/usage-error.ts";
import type { Line } from "../text/read-lines.ts";
import { parseEventLine } from "./event-line.ts";

/** Faults that wait to be told, since lines before them are under way: with so many, no more lines are taken. */
const waitingFaultsMax = 1_000;

/** Why nothing was recorded of a line, in words that may be printed, and the exit code that stands for it. */
export interface LineFault {
  readonly exitCode: ExitCode;
  readonly text: string;
}

/** Lines by their numbers, both included. */
export interface LineRange {
  readonly first: number;
  readonly last: number;
}

/** What the lines need. */
export interface LinesOptions {
  /** Ends, or fails, soon after `stop`. */
  readonly lines: AsyncIterable<readonly Line[]>;
  /** Is told of the faults in the order of their lines. */
  readonly onFault: (number: number, fault: LineFault) => void;
}

interface TakenLine {
  readonly number: number;
  /** Of a line that holds no event. */
  readonly fault?: LineFault;
}

/**
 * The lines between the input and what came of them: gives out their events, and knows to which line the next outcome
 * belongs, since outcomes come in the order of the events.
 */
export class LinesUnderWay {
  readonly #options: LinesOptions;
  /** Those that are under way, and those with a fault behind them. */
  readonly #taken: TakenLine[] = [];
  readonly #room = new Wakeup();
  #events = 0;
  #lastNumber = 0;
  #isStopped = false;
  #isWhole = false;

  constructor(options: LinesOptions) {
    this.#options = options;
  }

  /** Events that were given out and have no outcome. */
  get events(): number {
    return this.#events;
  }

  /** The first line that was not taken; undefined when the input has ended. */
  get nextNumber(): number | undefined {
    return this.#isWhole ? undefined : this.#lastNumber + 1;
  }

  /** The first and the last line whose event is under way. */
  get range(): LineRange | undefined {
    const isEvent = ({ fault }: TakenLine) => fault === undefined;
    const [first, last] = [this.#taken.find(isEvent), this.#taken.findLast(isEvent)];
    return first === undefined || last === undefined ? undefined : { first: first.number, last: last.number };
  }

  /** Gives out the events, one a line, until the input ends or `stop` is called. To be called once. */
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

  /** Takes no more lines. */
  stop(): void {
    this.#isStopped = true;
    this.#room.wake();
  }

  /** The next outcome has come; `fault` says why the event was refused, if it was. */
  settle(fault?: LineFault): void {
    const line = this.#taken.shift();
    if (line === undefined) throw new Error("an outcome came for which there was no line");
    this.#events -= 1;
    if (fault !== undefined) this.#options.onFault(line.number, fault);
    this.#tellFaults();
  }

  /** No outcome comes any more: tells the faults that still wait behind lines without one. */
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
    const parsed = parseEventLine(line);
    if (parsed.kind === "event") {
      this.#taken.push({ number });
      this.#events += 1;
      return parsed.event;
    }
    if (parsed.kind === "bad") {
      this.#taken.push({ number, fault: { exitCode: 2, text: escapeControls(parsed.problem) } });
      this.#tellFaults();
    }
    return undefined;
  }

  /** Tells the faults before which nothing is under way. */
  #tellFaults(): void {
    for (let [line] = this.#taken; line?.fault !== undefined; [line] = this.#taken) {
      this.#taken.shift();
      this.#options.onFault(line.number, line.fault);
    }
    this.#room.wake();
  }
}
