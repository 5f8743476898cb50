import { ActivityEventsError } from "@activity-events/client";
import type { Column } from "../output/column.ts";
import { ProgressLine } from "../output/progress-line.ts";
import { Table } from "../output/table.ts";
import type { CommandContext } from "../program/command-context.ts";
import { type ExitCode, exitCodeOf } from "../program/exit-code.ts";
import type { InterruptedCode } from "../program/interruption.ts";
import { explainAdminError } from "./explain-admin-error.ts";

/** What became of one deployment. */
export interface Edited {
  readonly deploymentId: string;
  readonly events: bigint;
  /** Such as `purged`. */
  readonly result: string;
  /** True if there was nothing to do. */
  readonly isUnchanged: boolean;
  /** The answer as proto JSON. */
  readonly json: string;
}

/** What to do with which deployments. */
export interface EditEachOptions {
  readonly ids: readonly string[];
  /** Past participle of the command, such as `purged`. */
  readonly done: string;
  readonly edit: (deploymentId: string, signal: AbortSignal) => Promise<Edited>;
  /** True if an edit that was given up may have done a part. */
  readonly isInSteps?: boolean;
  /** Tells which ones to show; unset: all. */
  readonly isShown?: (edited: Edited) => boolean;
}

/** Numbers of what was done. */
export interface EditedAll {
  readonly exitCode: ExitCode;
  readonly deployments: number;
  readonly events: bigint;
}

const columns: readonly Column<Edited>[] = [
  { title: "DEPLOYMENT ID", width: 40, cell: ({ deploymentId }) => deploymentId, isCutInside: true },
  { title: "EVENTS", width: 8, cell: ({ events }) => String(events) },
  { title: "RESULT", width: 0, cell: ({ result }) => result },
];

/**
 * Edits one deployment after the other and shows what became of each. Goes on after a failure, unless the next one would meet it too.
 * Ctrl-C gives up the one under way and says what was done.
 */
export async function editEach(context: CommandContext, options: EditEachOptions): Promise<EditedAll> {
  const { output, json, interruption, complain } = context;
  const { ids, done, edit, isShown = () => true } = options;
  const progress = new ProgressLine(ids.length > 1 ? context.terminal : undefined);
  const table = new Table(output, columns);
  const givingUp = new AbortController();
  let interrupted: InterruptedCode | undefined;
  const release = interruption.intercept((code) => {
    interrupted ??= code;
    givingUp.abort();
  });
  let [exitCode, deployments, events]: [ExitCode, number, bigint] = [0, 0, 0n];
  try {
    for (const deploymentId of ids) {
      progress.show(`${deployments} of ${ids.length} ${done}`);
      try {
        const edited = await edit(deploymentId, givingUp.signal);
        deployments += 1;
        events += edited.events;
        if (!isShown(edited)) continue;
        await progress.above(() => (json ? output.line(edited.json) : shownRow(table, edited)));
      } catch (error) {
        if (!(error instanceof ActivityEventsError)) throw error;
        if (interrupted !== undefined) {
          const partly = options.isInSteps ? `; ${deploymentId} may be in part, and the same command goes on` : "";
          await progress.above(() => complain(`Interrupted: ${deployments} of ${ids.length} ${done}${partly}.`));
          return { exitCode: interrupted, deployments, events };
        }
        exitCode ||= exitCodeOf(error);
        const text = await explainAdminError(context, error);
        await progress.above(() => complain(ids.length > 1 ? `${deploymentId}: ${text}` : text));
        if (isOfAll(error)) break;
      }
    }
    if (exitCode !== 0 && ids.length > 1) {
      await progress.above(() => complain(`${deployments} of ${ids.length} ${done}.`));
    }
    return { exitCode, deployments, events };
  } finally {
    release();
    progress.remove();
    await table.flush();
  }
}

/** On a terminal rows come one by one, as they are done. */
async function shownRow(table: Table<Edited>, edited: Edited): Promise<void> {
  await table.row(edited);
  await table.flush({ isLive: true });
}

/** Tells whether every further call would fail alike: the service is not reached, or does not know who calls. */
function isOfAll({ code, reason }: ActivityEventsError): boolean {
  if (code === "UNAUTHENTICATED" || code === "UNIMPLEMENTED") return true;
  return reason === undefined && (code === "UNAVAILABLE" || code === "DEADLINE_EXCEEDED");
}
