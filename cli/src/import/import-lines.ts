import type { ExportRecord } from "@activity-events/client";
import { UsageError } from "../program/usage-error.ts";
import type { Line } from "../text/read-lines.ts";
import { type ImportLine, parseImportLine } from "./import-line.ts";

/** Options of `ImportLines`. */
export interface ImportLinesOptions {
  /** First line that is imported; the lines before are read only. */
  readonly fromLine: number;
  /** Receives the lines that hold nothing to import. */
  readonly onFault: (line: number, problem: string) => void;
}

/** The end of an export that counts other lines than there were. */
export interface Miscount {
  readonly line: number;
  readonly problem: string;
}

/** The export is cut short: it has no last line. */
export class CutShort extends Error {
  override readonly name = "CutShort";
  /** Line that is missing. */
  readonly line: number;

  constructor(line: number) {
    super("the export is cut short: its last line is missing");
    this.line = line;
  }
}

/** Turns the lines of an export into records. The import of a deployment ends at a line that cannot be read; the others go on. */
export class ImportLines {
  readonly #options: ImportLinesOptions;
  /** Deployment of the lines now; empty before the first. */
  #deploymentId = "";
  /** Its record, as long as no event of it was yielded. */
  #deployment: ExportRecord | undefined;
  /** Deployments whose import has ended at a faulty line. */
  readonly #faulty = new Set<string>();
  #deployments = 0n;
  #events = 0n;
  #lastLine = 0;
  #isWhole = false;
  /** True once a line behind the end was told. */
  #isOverrun = false;
  #miscount: Miscount | undefined;

  constructor(options: ImportLinesOptions) {
    this.#options = options;
  }

  /** Tells whether a faulty line of this deployment was told. */
  isFaulty(deploymentId: string): boolean {
    return this.#faulty.has(deploymentId);
  }

  /** Set if the end counts other lines than there were: a whole deployment may be missing. */
  get miscount(): Miscount | undefined {
    return this.#miscount;
  }

  /**
   * Yields the records to send. Throws CutShort after the others if there is no end, and a UsageError if there is no header, or nothing
   * to begin at.
   */
  async *records(input: AsyncIterable<readonly Line[]>): AsyncGenerator<ExportRecord, void, undefined> {
    for await (const lines of input) {
      for (const line of lines) {
        this.#lastLine = line.number;
        if (line.kind === "text" && line.text.trim() === "") continue;
        const parsed: ImportLine =
          line.kind === "text"
            ? parseImportLine(line.text)
            : { kind: "bad", deploymentId: "", problem: line.problem.replace(/\.$/, "") };
        yield* this.#take(parsed, line.number);
      }
    }
    const { fromLine } = this.#options;
    // An import that ended after the last line goes on behind it.
    if (fromLine > this.#lastLine + 1) {
      throw new UsageError(`--from-line ${fromLine}: the export ends at line ${this.#lastLine}.`);
    }
    if (!this.#isWhole) throw new CutShort(this.#lastLine + 1);
  }

  *#take(line: ImportLine, number: number): Generator<ExportRecord, void, undefined> {
    if (this.#isWhole) return this.#takeBehindEnd(number);
    if (line.kind === "bad") return this.#takeBad(line, number);
    const { record, deploymentId } = line;
    record.line = BigInt(number);
    switch (record.record.case) {
      case "header":
        yield record;
        return;
      case "deployment":
        this.#deployments += 1n;
        this.#deploymentId = deploymentId;
        this.#faulty.delete(deploymentId);
        this.#deployment = record;
        if (number >= this.#options.fromLine) yield* this.#begun();
        return;
      case "event":
        this.#events += 1n;
        if (this.#faulty.has(deploymentId)) return;
        if (deploymentId !== this.#deploymentId) {
          return this.#fault(number, deploymentId, `the line of deployment ${deploymentId} is missing before it`);
        }
        if (number < this.#options.fromLine) return;
        yield* this.#begun();
        yield record;
        return;
      default:
        yield* this.#end(record, number);
    }
  }

  *#begun(): Generator<ExportRecord, void, undefined> {
    if (this.#deployment !== undefined) yield this.#deployment;
    this.#deployment = undefined;
  }

  *#end(record: ExportRecord, number: number): Generator<ExportRecord, void, undefined> {
    this.#isWhole = true;
    if (record.record.case !== "end") return;
    const { deployments, events } = record.record.value;
    if (deployments !== this.#deployments || events !== this.#events) {
      const expected = `${deployments} deployments and ${events} events`;
      const found = `${this.#deployments} and ${this.#events}`;
      this.#miscount = { line: number, problem: `the export has ${expected}; found ${found}` };
    }
    yield record;
  }

  #takeBehindEnd(number: number): void {
    if (!this.#isOverrun) this.#fault(number, "", "nothing may follow the end of the export");
    this.#isOverrun = true;
  }

  #takeBad({ deploymentId: named, problem }: Extract<ImportLine, { kind: "bad" }>, number: number): void {
    if (number === 1) throw new UsageError(`line 1: ${problem}. Is it an export?`);
    const deploymentId = named || this.#deploymentId;
    if (!this.#faulty.has(deploymentId)) this.#fault(number, deploymentId, problem);
  }

  #fault(number: number, deploymentId: string, problem: string): void {
    if (deploymentId !== "") this.#faulty.add(deploymentId);
    this.#options.onFault(number, deploymentId === "" ? problem : `deployment ${deploymentId}: ${problem}`);
  }
}
