import { type Deployment, DeploymentStanding, DeploymentState } from "@activity-events/client";
import type { CommandContext } from "../program/command-context.ts";
import type { ExitCode } from "../program/exit-code.ts";
import { UsageError } from "../program/usage-error.ts";
import { tellIfNone } from "../read/tell-if-none.ts";
import { counted } from "../text/counted.ts";
import { type Edited, editEach } from "./edit-each.ts";
import { orExplained } from "./explain-admin-error.ts";
import { type PurgeFlags, purging } from "./purging.ts";

const pageSize = 1_000;

/** Purges every deployment that the flags match, once the name of the store confirms it; without `--yes` says what it would purge. */
export async function wipe(context: CommandContext, flags: PurgeFlags): Promise<ExitCode> {
  const { ask, storeName } = context;
  const { store } = flags;
  if (store !== undefined && store !== storeName) {
    throw new UsageError(`--store ${store}: the name of the store is ${storeName}.`);
  }
  if (!isDryRun(flags) && store === undefined && ask === undefined) {
    throw new UsageError(`Without a terminal to ask on, --all and filters need --store ${storeName}.`);
  }
  return orExplained(context, async () => wipeMatching(context, flags, await matchingIds(context, flags)));
}

async function wipeMatching(context: CommandContext, flags: PurgeFlags, matching: Matching): Promise<ExitCode> {
  const { ask, complain, storeName } = context;
  const { store } = flags;
  const { ids, deployments, events } = matching;
  const what = `${counted(deployments, "deployment")} with ${counted(Number(events), "event")}`;
  if (ids.length === 0) {
    tellIfNone(context, "deployments", 0);
    return 0;
  }
  if (isDryRun(flags)) {
    const { exitCode } = await editEach(context, { ...purging(context, ids, flags, true), isShown });
    complain(
      `A dry run: ${what} of the store ${storeName} match. --yes purges them; it asks for the name of the store, or takes it by --store ${storeName}.`,
    );
    return exitCode;
  }
  if (store === undefined) {
    const typed = await ask?.(`Purges ${what} for good. Type the name of the store, ${storeName}, to go on: `);
    if (typed !== storeName) {
      complain("That is not the name of the store. Nothing was done.");
      return 1;
    }
  }
  return (await editEach(context, { ...purging(context, ids, flags, false), isShown })).exitCode;
}

function isDryRun({ dryRun, yes }: PurgeFlags): boolean {
  return dryRun === true || !yes;
}

/** Tombstones of earlier purges are of no interest. */
const isShown = ({ isUnchanged }: Edited) => !isUnchanged;

interface Matching {
  /** Those that are purged, too: the purge of one may have been given up in part. */
  readonly ids: readonly string[];
  /** Number of those that are not purged. */
  readonly deployments: number;
  /** Number of events that go, with those that tell of the purges. */
  readonly events: bigint;
}

async function matchingIds({ admin, timeoutMs }: CommandContext, flags: PurgeFlags): Promise<Matching> {
  const { environment = "", service = "", state = DeploymentState.UNSPECIFIED, outcome, prefix = "" } = flags;
  const request = { pageSize, showDeleted: true, filter: { environment, service, state } };
  const matches = (head: Deployment) =>
    head.deploymentId.startsWith(prefix) && (outcome === undefined || head.outcome === outcome);
  const ids: string[] = [];
  let [deployments, events] = [0, 0n];
  for await (const head of admin().listDeployments(request, { timeoutMs })) {
    if (!matches(head)) continue;
    ids.push(head.deploymentId);
    if (head.standing === DeploymentStanding.PURGED) continue;
    deployments += 1;
    // The event that tells of the purge goes too.
    events += head.headSequence + 1n;
  }
  return { ids, deployments, events };
}
