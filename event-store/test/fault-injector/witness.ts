import { isDeepStrictEqual } from "node:util";
import { codec } from "../../contract/builders.ts";
import type { Append, Appended, Deployment, DeploymentId, EventId, NewEvent, StoredEvent } from "../../src/index.ts";
import { openMemoryStore } from "../../src/memory/store.ts";

/** What a store must never do, by how bad it is. */
export interface WitnessedFault {
  readonly kind: /** It gives back what was never stored. */
    | "altered"
    /** It ends a deployment before what was acknowledged, or gives back a head of before. */
    | "lost"
    /** It has what was acknowledged and does not find it by its id or in a list; so it may store it twice. */
    | "hidden"
    /** It stores on top of what it has lost or damaged: another event in the same place. */
    | "repeated"
    /** It answers with none of the errors that it may answer with. */
    | "wrong error";
  readonly text: string;
}

/** An event as it was offered. */
interface Offer {
  readonly event: NewEvent;
  readonly receiveTimeUs: number;
}

/** What is known of one deployment. */
class KnownDeployment {
  /** By sequence: what was acknowledged, and what the store gave back of what may be stored. */
  readonly events = new Map<number, Offer>();
  /** Offered in appends that ended in a fault: each may be stored, or not. */
  attempts: readonly Offer[] = [];
  /** What was answered as damage, so that nothing may be appended to it. */
  damage: string | undefined;

  get last(): number {
    return Math.max(0, ...this.events.keys());
  }

  sequenceOf(eventId: string): number | undefined {
    for (const [sequence, { event }] of this.events) if (event.eventId === eventId) return sequence;
    return undefined;
  }
}

/** The model that decides: it knows what was acknowledged, and tells what contradicts that. */
export class Witness {
  readonly #deployments = new Map<DeploymentId, KnownDeployment>();
  /** What the store did that it must never do. */
  readonly faults: WitnessedFault[] = [];

  saw(kind: WitnessedFault["kind"], text: string): void {
    this.faults.push({ kind, text });
  }

  /** The deployments in which something was acknowledged. */
  get acknowledged(): readonly DeploymentId[] {
    return [...this.#deployments].filter(([, { events }]) => events.size > 0).map(([id]) => id);
  }

  idsOf(deploymentId: DeploymentId): readonly EventId[] {
    return [...this.#of(deploymentId).events.values()].map(({ event }) => event.eventId);
  }

  lastOf(deploymentId: DeploymentId): number {
    return this.#of(deploymentId).last;
  }

  /** Whether something may be stored that nobody was answered. */
  isUncertain(deploymentId: DeploymentId): boolean {
    return this.#of(deploymentId).attempts.length > 0;
  }

  /** What this witness knows, for another history that begins there. */
  copy(): Witness {
    const copy = new Witness();
    for (const [id, { events }] of this.#deployments) {
      for (const [sequence, event] of events) copy.#of(id).events.set(sequence, event);
    }
    return copy;
  }

  appended({ deploymentId, events, receiveTimeUs }: Append, answers: readonly Appended[]): void {
    const known = this.#of(deploymentId);
    // A read may be unable to tell whether a deployment is there; the appending connection finds out by itself.
    const damage = known.events.size === 0 ? undefined : known.damage;
    for (const [index, { event, duplicate }] of answers.entries()) {
      const place = `${deploymentId}/${event.sequence}`;
      const offered = events[index] as NewEvent;
      if (duplicate) {
        this.sees(deploymentId, event);
        if (event.eventId !== offered.eventId) this.saw("altered", `answers ${offered.eventId} with ${place}`);
        continue;
      }
      if (known.events.has(event.sequence)) this.saw("repeated", `gives the sequence of ${place} out again`);
      if (event.sequence <= known.last) this.saw("repeated", `gives ${place} out after ${known.last}`);
      const stored = known.sequenceOf(event.eventId);
      if (stored !== undefined) this.saw("hidden", `stores ${event.eventId} as ${place} and as ${stored}`);
      if (damage !== undefined) this.saw("repeated", `appends ${place} on top of damage: ${damage}`);
      if (event.sequence > known.last + 1 + known.attempts.length) this.saw("repeated", `leaves a gap before ${place}`);
      known.events.set(event.sequence, { event: offered, receiveTimeUs });
    }
  }

  /** The append was answered with a fault. */
  attempted({ deploymentId, events, receiveTimeUs }: Append): void {
    const known = this.#of(deploymentId);
    const fresh = events.filter(({ eventId }) => known.sequenceOf(eventId) === undefined);
    known.attempts = [...known.attempts, ...fresh.map((event) => ({ event, receiveTimeUs }))];
  }

  refusedAsTaken({ deploymentId, events }: Append, index: number, sequence: number): void {
    const offered = events[index] as NewEvent;
    const known = this.#of(deploymentId);
    const attempted = known.attempts.some(({ event }) => event.eventId === offered.eventId);
    if (known.events.get(sequence)?.event.eventId === offered.eventId || attempted) return;
    this.saw("altered", `says that ${offered.eventId} is taken by ${deploymentId}/${sequence}`);
  }

  refusedAtSequence(deploymentId: DeploymentId, actual: number): void {
    const { last, attempts } = this.#of(deploymentId);
    if (actual >= last && actual <= last + attempts.length) return;
    this.saw("lost", `says that ${deploymentId} has the head ${actual}, and it has ${last}`);
  }

  /** The store named a place as damaged: from now on nothing may be appended there. */
  toldDamage(deploymentId: DeploymentId, message: string): void {
    this.#of(deploymentId).damage = message;
  }

  /** The store is opened anew, and may look again. */
  reopened(): void {
    for (const known of this.#deployments.values()) known.damage = undefined;
  }

  /** The store gave this event back. */
  sees(deploymentId: DeploymentId, event: StoredEvent): void {
    const known = this.#of(deploymentId);
    const place = `${deploymentId}/${event.sequence}`;
    const expected = known.events.get(event.sequence);
    if (expected !== undefined) {
      if (!isOf(expected, event)) this.saw("altered", `serves ${place} as what was never stored`);
      return;
    }
    const attempt = known.attempts.find((each) => isOf(each, event));
    if (attempt === undefined) {
      this.saw("altered", `serves ${place}, event ${event.eventId}, which nobody stored there`);
      return;
    }
    const elsewhere = known.sequenceOf(event.eventId);
    if (elsewhere !== undefined) this.saw("hidden", `stores ${event.eventId} as ${place} and as ${elsewhere}`);
    known.events.set(event.sequence, attempt);
  }

  /** The store answered that there is no such event. */
  misses(deploymentId: DeploymentId, eventId: string): void {
    const sequence = this.#of(deploymentId).sequenceOf(eventId);
    if (sequence !== undefined) this.saw("hidden", `does not find ${eventId}, which is ${deploymentId}/${sequence}`);
  }

  /** The store gave back this head, or none. */
  async seesHead(deploymentId: DeploymentId, head: Deployment | undefined): Promise<void> {
    const { last, events, attempts } = this.#of(deploymentId);
    const sequence = head?.headSequence ?? 0;
    if (sequence < last) {
      this.saw("lost", `has the head ${sequence} for ${deploymentId}, and ${last} is acknowledged`);
      return;
    }
    if (sequence > last + attempts.length)
      this.saw("altered", `has the head ${sequence} for ${deploymentId} after ${last}`);
    if (sequence !== last || events.size !== last || last === 0) return;
    const expected = await headOf(deploymentId, events);
    if (!isDeepStrictEqual(plain(head), plain(expected))) this.saw("lost", `folds ${deploymentId} to a wrong head`);
  }

  #of(deploymentId: DeploymentId): KnownDeployment {
    const known = this.#deployments.get(deploymentId) ?? new KnownDeployment();
    this.#deployments.set(deploymentId, known);
    return known;
  }
}

function isOf({ event, receiveTimeUs }: Offer, stored: StoredEvent): boolean {
  const { eventId, facts, content, stamp, salt } = event;
  return (
    stored.eventId === eventId &&
    stored.receiveTimeUs === receiveTimeUs &&
    stored.type === facts.type &&
    stored.severity === facts.severity &&
    isDeepStrictEqual({ ...stored.labels }, { ...facts.labels }) &&
    Buffer.compare(stored.content, content) === 0 &&
    Buffer.compare(stored.stamp, stamp) === 0 &&
    Buffer.compare(stored.salt, salt) === 0
  );
}

/** As values alone, whatever process and context they come from. */
function plain(head: Deployment | undefined): unknown {
  const { historyHash, ...rest } = head ?? {};
  const hash = historyHash && { ...historyHash, hash: Buffer.from(historyHash.hash).toString("hex") };
  return JSON.parse(JSON.stringify({ ...rest, hash }));
}

/** What the store of reference makes of the events from 1 on. */
async function headOf(deploymentId: DeploymentId, events: ReadonlyMap<number, Offer>): Promise<Deployment | undefined> {
  const reference = openMemoryStore({ codec });
  for (let sequence = 1; sequence <= events.size; sequence += 1) {
    const { event, receiveTimeUs } = events.get(sequence) as Offer;
    const expected = { kind: "any" } as const;
    await reference.append(
      { deploymentId, events: [event], expected, receiveTimeUs },
      { deadlineMs: Number.POSITIVE_INFINITY },
    );
  }
  return reference.readDeployment(deploymentId);
}
