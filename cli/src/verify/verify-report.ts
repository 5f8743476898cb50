import type { Fault } from "@activity-events/client";
import { isOfCheckpoint } from "@activity-events/client/internal";
import type { Column } from "../output/column.ts";
import { safeJson } from "../output/json-line.ts";
import { ProgressLine } from "../output/progress-line.ts";
import { Table } from "../output/table.ts";
import type { CommandContext } from "../program/command-context.ts";
import type { ExitCode } from "../program/exit-code.ts";
import { counted } from "../text/counted.ts";
import type { PurgedDeployment, Verified } from "./verify-match.ts";

const intervalMs = 200;
const inGroups = new Intl.NumberFormat("en");

const columns: readonly Column<Fault>[] = [
  { title: "DEPLOYMENT ID", width: 20, cell: ({ deploymentId }) => deploymentId, isCutInside: true },
  { title: "FAULT", width: 18, cell: ({ kind }) => kind },
  { title: "SEQUENCE", width: 8, cell: ({ sequence }) => String(sequence ?? "") },
  { title: "DESCRIPTION", width: 0, cell: ({ description }) => description, isWhole: true },
];

/** Reports a verification: a row or an object for each fault, a summary, and a progress line on a terminal. */
export class VerifyReport {
  readonly #context: CommandContext;
  readonly #progress: ProgressLine;
  readonly #table: Table<Fault>;
  readonly #counts = { deployments: 0, events: 0, faults: 0, faultyDeployments: 0, withoutHistoryHash: 0, purged: 0 };
  #isWithoutDeleted = false;
  #timer: NodeJS.Timeout | undefined;
  #exitCode: ExitCode = 0;

  constructor(context: CommandContext) {
    this.#context = context;
    this.#progress = new ProgressLine(context.terminal);
    this.#table = new Table(context.output, columns);
  }

  /** 7 if a history differs from the checkpoint, 8 after any other fault. */
  get exitCode(): ExitCode {
    return this.#exitCode;
  }

  /** Starts the progress line. */
  begin(): void {
    if (this.#context.terminal === undefined) return;
    this.#timer = setInterval(() => this.#progress.show(this.#verified()), intervalMs);
  }

  /** Counts events that were read. */
  events(count: number): void {
    this.#counts.events += count;
  }

  /** Notes that the service did not show deleted deployments. */
  withoutDeleted(): void {
    this.#isWithoutDeleted = true;
  }

  async verified({ entry, isVerified, faults, untold, purged }: Verified): Promise<void> {
    const counts = this.#counts;
    if (isVerified) counts.deployments += 1;
    counts.faults += faults.length + untold;
    // A fault of the list has no deployment.
    if (faults.some(({ deploymentId }) => deploymentId !== "")) counts.faultyDeployments += 1;
    else if (isVerified && entry?.historyHash === undefined) counts.withoutHistoryHash += 1;
    if (purged !== undefined) {
      counts.purged += 1;
      if (purged.isNews) await this.#write(() => this.#purged(purged));
    }
    for (const fault of faults) {
      if (isOfCheckpoint(fault)) this.#exitCode = 7;
      else this.#exitCode ||= 8;
      await this.#write(() => this.#fault(fault));
    }
    const [first] = faults;
    if (untold === 0 || first === undefined) return;
    this.#note(`${first.deploymentId} has ${inGroups.format(untold)} more faults.`);
  }

  /** Ends the report; prints the summary if the verification is complete. */
  async end(isWhole: boolean): Promise<void> {
    clearInterval(this.#timer);
    this.#progress.remove();
    if (!isWhole) return;
    const { json, output } = this.#context;
    const unseen = this.#isWithoutDeleted ? { deletedSeen: false } : {};
    await output.line(json ? safeJson({ ...this.#counts, ...unseen }) : this.#summary());
  }

  async #purged({ deploymentId, sequence, historyHash }: PurgedDeployment): Promise<void> {
    const { json, output, complain } = this.#context;
    if (json) return output.line(safeJson({ purged: deploymentId, sequence: `${sequence}`, historyHash }));
    complain(`${deploymentId} was purged; its last pair is ${sequence} ${historyHash}.`);
  }

  async #fault(fault: Fault): Promise<void> {
    const { json, output } = this.#context;
    if (!json) {
      await this.#table.row(fault);
      return this.#table.flush({ isLive: true });
    }
    const { kind, deploymentId, sequence, description } = fault;
    const place = sequence === undefined ? {} : { sequence: `${sequence}` };
    return output.line(safeJson({ fault: kind, deploymentId, ...place, description }));
  }

  #note(text: string): void {
    void this.#progress.above(() => this.#context.complain(text));
  }

  async #write(write: () => Promise<void>): Promise<void> {
    if (this.#context.output.isTerminal) await this.#progress.above(write);
    else await write();
  }

  #verified(): string {
    const { deployments, events } = this.#counts;
    return `${counted(deployments, "deployment")} with ${counted(events, "event")} verified`;
  }

  #summary(): string {
    const { faults, faultyDeployments, withoutHistoryHash, purged } = this.#counts;
    const where = faultyDeployments === 0 ? "the list" : counted(faultyDeployments, "deployment");
    const found = faults === 0 ? "no faults" : `${counted(faults, "fault")} in ${where}`;
    const older = withoutHistoryHash === 0 ? "" : `; ${inGroups.format(withoutHistoryHash)} without a history hash`;
    const gone = purged === 0 ? "" : `; ${inGroups.format(purged)} purged`;
    const unseen = this.#isWithoutDeleted ? "; deleted ones were not looked at" : "";
    return `${this.#verified()}: ${found}${older}${gone}${unseen}`;
  }
}
