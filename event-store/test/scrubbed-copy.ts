import { append, codec, newEvent } from "../contract/builders.ts";
import type { DeploymentCursor, DeploymentId, EventStore, ScrubFinding, ScrubPass, ScrubReport } from "../src/index.ts";
import { StoreFaultError } from "../src/index.ts";
import type { ScrubPace } from "../src/sqlite/scrub/scrub.ts";
import { openSqliteStore } from "../src/sqlite/store.ts";
import type { Hidden } from "./damaged-copy.ts";

/** At once, without rests between slices, and once. */
export const scrubAtOnce: ScrubPace = { delayMs: 0, restMs: 2 ** 31 - 1, againMs: 2 ** 31 - 1, share: 1 };

/** A store that has looked itself through. */
export interface ScrubbedStore {
  readonly store: EventStore;
  readonly findings: readonly ScrubFinding[];
  readonly pass: ScrubPass;
}

/** Opens a store and waits until it has looked itself through. */
export async function openScrubbed(file: string): Promise<ScrubbedStore> {
  const findings: ScrubFinding[] = [];
  const ended = Promise.withResolvers<ScrubPass>();
  const onScrub = (report: ScrubReport) => {
    if (report.kind === "pass") ended.resolve(report.pass);
    else findings.push(report.finding);
  };
  const store = await openSqliteStore({ file, codec, onScrub, scrubPace: scrubAtOnce });
  return { store, findings, pass: await ended.promise };
}

/** What of all that an index hides a store still hides after it has looked itself through. */
export async function stillHidden(
  scrubbed: ScrubbedStore,
  hidden: readonly Hidden[],
  isStored: (id: DeploymentId) => boolean,
): Promise<readonly Hidden[]> {
  const untold: Hidden[] = [];
  const listed = hidden.some(({ kind }) => kind === "listed") ? await listedOrTold(scrubbed.store) : "all";
  for (const { kind, ...of } of hidden) {
    const { deploymentId } = of;
    if (!(await isTold())) untold.push({ kind, ...of } as Hidden);

    async function isTold(): Promise<boolean> {
      const { store, findings } = scrubbed;
      if (!("event" in of)) return listed === "all" || listed.has(deploymentId);
      const { eventId, content, stamp } = of.event;
      if (kind === "event") return isDamage(store.readEvent(deploymentId, eventId));
      // Where other appends on top of the damage have hidden it, it is a duplicate.
      if (kind === "twice") {
        const appended = append(store, deploymentId, [newEvent({ id: eventId, content, stamp })]);
        return (await isDamage(appended)) || (await appended).every(({ duplicate }) => duplicate);
      }
      // Or that the order of arrival lacks some, of deployments that nobody knows, or whose id is itself damaged.
      return findings.some(({ place: at }) => {
        return at === undefined || at.deploymentId === deploymentId || !isStored(at.deploymentId);
      });
    }
  }
  return untold;
}

/** The deployments that a list names, as one of its own or as the place of damage. "all": it ends in damage without a place. */
async function listedOrTold(store: EventStore): Promise<ReadonlySet<DeploymentId> | "all"> {
  const seen = new Set<DeploymentId>();
  const filter = { environment: "", service: "", state: undefined };
  let cursor: DeploymentCursor | undefined;
  do {
    try {
      const page = await store.readDeployments({ cursor, filter, deploymentsMax: 5 });
      for (const { deploymentId } of page.deployments) seen.add(deploymentId);
      cursor = page.next;
    } catch (error) {
      if (!(error instanceof StoreFaultError) || error.place?.createTimeUs === undefined) return "all";
      const { deploymentId, createTimeUs } = error.place;
      seen.add(deploymentId);
      cursor = { deploymentId, createTimeUs };
    }
  } while (cursor !== undefined);
  return seen;
}

async function isDamage(answer: Promise<unknown>): Promise<boolean> {
  const fault = await answer.then(
    () => undefined,
    (error: unknown) => error,
  );
  return fault instanceof StoreFaultError && fault.reason === "STORE_DAMAGED";
}
