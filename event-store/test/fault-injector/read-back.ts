import { type DeploymentId, type EventId, everyEvent, StoreFaultError } from "../../src/index.ts";
import type { RemoteStore } from "./remote-store.ts";
import type { Witness } from "./witness.ts";

/** Bytes and events of a page: enough for all that a history stores in one deployment, or several pages of it. */
const pageMax = { eventsMax: 100, bytesMax: 3_000_000 };

/** How the store answered when it was asked for everything. */
export interface ReadBack {
  /** Faults with which it told that it cannot give something back, in words. */
  readonly told: readonly string[];
}

/** Asks the store for everything, in each way that there is, and has the witness judge each answer. */
export async function readBack(
  store: RemoteStore,
  witness: Witness,
  asked: readonly DeploymentId[],
): Promise<ReadBack> {
  const told: string[] = [];
  const ask = async (what: string, read: () => Promise<void>) => {
    try {
      await read();
    } catch (error) {
      told.push(takeFault(error, witness, what));
    }
  };
  for (const deploymentId of asked) {
    await ask(`the events of ${deploymentId}`, () => readAllEvents(store, witness, deploymentId, told));
    await ask(`the head of ${deploymentId}`, async () =>
      witness.seesHead(deploymentId, await store.readDeployment(deploymentId)),
    );
    for (const eventId of witness.idsOf(deploymentId)) {
      await ask(`event ${eventId} of ${deploymentId}`, () => readOneEvent(store, witness, deploymentId, eventId));
    }
  }
  await ask("all deployments", () => readAllHeads(store, witness));
  await ask("all arrivals", () => readAllArrivals(store, witness, told));
  return { told };
}

/** The fault in words; whatever is none of the faults that a store may answer is noted as wrong. */
export function takeFault(error: unknown, witness: Witness, what: string): string {
  const { message } = error as Error;
  if (!(error instanceof StoreFaultError) || error.reason === "STORE_REFUSED") {
    witness.saw("wrong error", `answers ${what} with ${(error as Error).name}: ${message}`);
  } else if (error.reason === "STORE_DAMAGED" && error.place !== undefined) {
    witness.toldDamage(error.place.deploymentId, message);
  }
  return `${what}: ${message}`;
}

async function readAllEvents(
  store: RemoteStore,
  witness: Witness,
  deploymentId: DeploymentId,
  told: string[],
): Promise<void> {
  const head = (await store.readDeployment(deploymentId))?.headSequence ?? 0;
  let cursor: number | undefined;
  let more = true;
  let next = 1;
  while (more) {
    const request = { deploymentId, order: "ascending", cursor, filter: everyEvent, ...pageMax } as const;
    const page = await store.readEvents(request);
    for (const event of page.events) {
      witness.sees(deploymentId, event);
      if (event.sequence < next) witness.saw("hidden", `lists ${deploymentId}/${event.sequence} again or too late`);
      // Readers compare with the head what a page leaves out, and so tell a gap from an end.
      if (event.sequence > next) told.push(`${deploymentId}/${next} is left out, and the head is ${head}`);
      next = event.sequence + 1;
    }
    ({ cursor, more } = page);
  }
  if (next <= head) told.push(`${deploymentId}/${next} is left out, and the head is ${head}`);
  else if (next <= witness.lastOf(deploymentId)) {
    witness.saw("lost", `ends ${deploymentId} before ${next}, and ${witness.lastOf(deploymentId)} is acknowledged`);
  }
}

async function readOneEvent(
  store: RemoteStore,
  witness: Witness,
  deploymentId: DeploymentId,
  eventId: EventId,
): Promise<void> {
  const event = await store.readEvent(deploymentId, eventId);
  if (event === undefined) witness.misses(deploymentId, eventId);
  else witness.sees(deploymentId, event);
}

async function readAllHeads(store: RemoteStore, witness: Witness): Promise<void> {
  const filter = { environment: "", service: "", state: undefined };
  const { deployments } = await store.readDeployments({ cursor: undefined, filter, deploymentsMax: 1_000 });
  for (const head of deployments) await witness.seesHead(head.deploymentId, head);
  const listed = new Set(deployments.map(({ deploymentId }) => deploymentId));
  if (listed.size < deployments.length) witness.saw("hidden", "lists a deployment twice");
  for (const deploymentId of witness.acknowledged) {
    if (!listed.has(deploymentId)) witness.saw("hidden", `leaves ${deploymentId} out of the list`);
  }
}

async function readAllArrivals(store: RemoteStore, witness: Witness, told: string[]): Promise<void> {
  const seen = new Map<DeploymentId, number>();
  const damaged = new Set<DeploymentId>();
  let next: Awaited<ReturnType<RemoteStore["readArrivals"]>>["next"];
  do {
    const page = await store.readArrivals({ cursor: next, ...pageMax });
    for (const { deploymentId, event } of page.arrivals) {
      witness.sees(deploymentId, event);
      seen.set(deploymentId, (seen.get(deploymentId) ?? 0) + 1);
    }
    for (const { deploymentId, sequence } of page.damaged) {
      damaged.add(deploymentId);
      witness.toldDamage(deploymentId, `the arrival of ${sequence}`);
      told.push(`the arrival of ${deploymentId}/${sequence} is damaged`);
    }
    next = page.next;
  } while (next !== undefined);
  for (const deploymentId of witness.acknowledged) {
    if (damaged.has(deploymentId)) continue;
    const arrived = seen.get(deploymentId) ?? 0;
    const last = witness.lastOf(deploymentId);
    if (arrived < last)
      witness.saw("hidden", `lists ${arrived} arrivals of ${deploymentId}, and ${last} are acknowledged`);
  }
}
