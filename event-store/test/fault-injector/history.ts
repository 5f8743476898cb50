import { dirname } from "node:path";
import fc from "fast-check";
import { deploymentId, encode, newEvent } from "../../contract/builders.ts";
import { histories, type Step } from "../../contract/histories.ts";
import {
  type Append,
  type DeploymentId,
  EventIdConflictError,
  everyEvent,
  SequenceMismatchError,
  StoreOpenError,
} from "../../src/index.ts";
import { checkOwnStore } from "../../src/sqlite/commands/check-own-store.ts";
import { Chance } from "./chance.ts";
import { type DiskImage, imageAfterPowerLoss } from "./disk-image.ts";
import type { FaultKind, FileRole } from "./fault-order.ts";
import { type FaultyDisk, readImage, writeImage } from "./faulty-disk.ts";
import { readBack, takeFault } from "./read-back.ts";
import type { RemoteStore, StoreProcess } from "./remote-store.ts";
import type { Witness, WitnessedFault } from "./witness.ts";

/** How a store ends before it is opened again. */
export type Ending = "close" | "kill" | "power loss";

/** What is played. */
export interface HistoryPlan {
  /** Chooses the steps, and when the fault strikes where. */
  readonly seed: number;
  readonly fault: FaultKind;
  readonly role: FileRole;
  readonly endings: readonly Ending[];
  /** A commit that the disk takes as it should follows before the process is killed. */
  readonly settles: boolean;
}

/** What a history needs around it. */
export interface HistoryPlace {
  readonly disk: FaultyDisk;
  /** The store's file. */
  readonly file: string;
  /** Knows what is in it at the beginning. */
  readonly witness: Witness;
  process(): StoreProcess;
  killProcess(): Promise<void>;
}

/** What came of a history. */
export interface PlayedHistory {
  readonly plan: HistoryPlan;
  /** How often the disk did wrong. */
  readonly struck: number;
  /** What the store told, in words. */
  readonly told: readonly string[];
  /** What it told of that when the disk had long been doing what it should. */
  readonly toldLater: readonly string[];
  /** What the store did that it must never do. */
  readonly faults: readonly WitnessedFault[];
  /** What a check of the stopped store finds wrong in its files. */
  readonly found: readonly string[];
}

const ids = ["a", "b", "c", "d", "e", "f"] as const;
const own = ["one", "two", "bulk", "last"].map(deploymentId);

/** Events of one bulk append, and the bytes of each: four of them are more than the log holds before it is checkpointed. */
const bulk = { events: 24, bytes: 50_000 };

/** One history on one store, below a disk that fails as the plan says. */
export class History {
  readonly #plan: HistoryPlan;
  readonly #place: HistoryPlace;
  readonly #chance: Chance;
  readonly #told: string[] = [];
  /** The files at the moment from which the disk's changes are recorded: all that is in them is safe. */
  #safe: DiskImage;
  #store: RemoteStore | undefined;
  #struck = 0;
  #toldBefore = 0;

  constructor(plan: HistoryPlan, place: HistoryPlace) {
    this.#plan = plan;
    this.#place = place;
    this.#chance = new Chance(plan.seed);
    this.#safe = readImage(dirname(place.file));
  }

  async play(): Promise<PlayedHistory> {
    const { witness } = this.#place;
    const steps = this.#steps();
    const strikesAt = this.#chance.below(steps.length);
    if (await this.#open()) {
      for (const [at, step] of steps.entries()) {
        if (at === strikesAt) this.#order();
        if (!(await this.#perform(step))) break;
      }
      await this.#readAllAndAppend();
      if (this.#store !== undefined) await this.#end();
    }
    this.#withdraw();
    const toldLater = this.#told.slice(this.#toldBefore);
    const { faults } = witness;
    return { plan: this.#plan, struck: this.#struck, told: this.#told, toldLater, faults, found: await this.#check() };
  }

  /** The contract's history, and appends between that fill the log. */
  #steps(): readonly (Step | "bulk")[] {
    const [drawn = []] = fc.sample(histories, { seed: this.#plan.seed, numRuns: 1 });
    const steps: (Step | "bulk")[] = [...drawn];
    const bulks = this.#chance.pick([0, 0, 1, 5]);
    for (let left = bulks; left > 0; left -= 1) steps.splice(this.#chance.below(steps.length + 1), 0, "bulk");
    return steps;
  }

  /** Only where the store did what it must not: a check takes its time. */
  async #check(): Promise<readonly string[]> {
    const { file, witness } = this.#place;
    if (witness.faults.length === 0 || this.#store !== undefined) return [];
    try {
      const { findings } = await checkOwnStore(file, { deep: true, onProgress: () => {} });
      return findings.map(({ what }) => what);
    } catch (error) {
      return [(error as Error).message];
    }
  }

  #order(): void {
    const { fault, role } = this.#plan;
    if (fault === "none") return;
    // The database itself is synced, and its pages change, at checkpoints alone.
    const isRare = role === "database" && (fault.endsWith("sync") || fault === "stale read");
    const after = this.#chance.below(this.#chance.pick(isRare ? [1, 1, 2] : [1, 5, 40]));
    // The next sync that is none of the lies makes good what they left.
    const times = this.#chance.pick(fault === "lying sync" ? [1, 1_000] : [1, 1, 3]);
    this.#place.disk.order.give({ fault, role, after, times, seed: this.#plan.seed });
  }

  #withdraw(): void {
    const { order } = this.#place.disk;
    this.#struck += order.struck;
    order.withdraw();
    this.#toldBefore = this.#told.length;
  }

  /** False: the store could not be opened, and said so. */
  async #open(): Promise<boolean> {
    const { witness, file } = this.#place;
    witness.reopened();
    try {
      this.#store = await this.#place.process().open(file);
      return true;
    } catch (error) {
      this.#store = undefined;
      // Node aborts now and then when threads end that have hardly begun; nobody was answered anything.
      const isGone = this.#place.process().isGone;
      if (isGone) await this.#place.killProcess();
      if (isGone || error instanceof StoreOpenError) this.#told.push(`the start: ${(error as Error).message}`);
      else this.#told.push(takeFault(error, witness, "the start"));
      return false;
    }
  }

  async #perform(step: Step | "bulk"): Promise<boolean> {
    if (step === "bulk") {
      const events = Array.from({ length: bulk.events }, () => {
        const message = String.fromCharCode(97 + this.#chance.below(26)).repeat(bulk.bytes);
        return newEvent({ content: encode({ message }) });
      });
      await this.#append({ deploymentId: deploymentId("bulk"), events, expected: { kind: "any" }, receiveTimeUs: 5 });
    } else if (step.kind === "append") {
      const { events, expected, receiveTimeUs } = step;
      await this.#append({
        deploymentId: deploymentId(step.deployment),
        events,
        expected: expected === undefined ? { kind: "any" } : { kind: "exactly", sequence: expected },
        receiveTimeUs,
      });
    } else if (step.kind === "read") {
      await this.#read(step);
    } else {
      return this.#reopen();
    }
    return true;
  }

  async #append(append: Append): Promise<void> {
    const { witness } = this.#place;
    try {
      witness.appended(append, await this.#opened().append(append, { deadlineMs: Date.now() + 60_000 }));
    } catch (error) {
      if (error instanceof EventIdConflictError) {
        for (const { index, sequence } of error.conflicts) witness.refusedAsTaken(append, index, sequence);
      } else if (error instanceof SequenceMismatchError) {
        witness.refusedAtSequence(append.deploymentId, error.actualSequence);
      } else {
        witness.attempted(append);
        this.#told.push(takeFault(error, witness, `an append to ${append.deploymentId}`));
      }
    }
  }

  async #read(step: Extract<Step, { kind: "read" }>): Promise<void> {
    const { witness } = this.#place;
    const id = deploymentId(step.deployment);
    const { order, cursor, eventsMax, severityMin, labels } = step;
    const filter = { ...everyEvent, severityMin, labels };
    const store = this.#opened();
    await this.#ask(`a page of ${id}`, async () => {
      const request = { deploymentId: id, order, cursor, eventsMax, filter, bytesMax: 1_000_000 };
      for (const event of (await store.readEvents(request)).events) witness.sees(id, event);
    });
    await this.#ask(`the head of ${id}`, async () => witness.seesHead(id, await store.readDeployment(id)));
    for (const eventId of ids.map((each) => newEvent({ id: each }).eventId)) {
      await this.#ask(`event ${eventId} of ${id}`, async () => {
        const event = await store.readEvent(id, eventId);
        if (event === undefined) witness.misses(id, eventId);
        else witness.sees(id, event);
      });
    }
  }

  async #ask(what: string, read: () => Promise<void>): Promise<void> {
    try {
      await read();
    } catch (error) {
      this.#told.push(takeFault(error, this.#place.witness, what));
    }
  }

  /** Reads everything, twice with a restart between, and appends once more to each deployment. */
  async #readAllAndAppend(): Promise<void> {
    if (this.#store === undefined) return;
    await this.#readAll();
    if (!(await this.#reopen())) return;
    if (this.#place.disk.order.isGiven) {
      // Connections of before may know what the disk told them wrong.
      this.#withdraw();
      if (!(await this.#reopen())) return;
    }
    await this.#readAll();
    for (const id of this.#deployments()) {
      await this.#append({ deploymentId: id, events: [newEvent()], expected: { kind: "any" }, receiveTimeUs: 7 });
    }
    await this.#readAll();
  }

  async #readAll(): Promise<void> {
    const { told } = await readBack(this.#opened(), this.#place.witness, this.#deployments());
    this.#told.push(...told);
  }

  #deployments(): readonly DeploymentId[] {
    return [...new Set([...own, ...this.#place.witness.acknowledged])];
  }

  /** Ends the store and opens it; what the disk did wrong meanwhile may keep it from opening once. */
  async #reopen(): Promise<boolean> {
    await this.#end();
    if (await this.#open()) return true;
    this.#withdraw();
    return this.#open();
  }

  async #end(): Promise<void> {
    const { disk, file, killProcess } = this.#place;
    const ending = this.#chance.pick(this.#plan.endings);
    if (ending === "close") {
      await this.#store?.close();
      this.#store = undefined;
      return;
    }
    if (this.#plan.settles && this.#store !== undefined) {
      this.#withdraw();
      const events = [newEvent()];
      await this.#append({ deploymentId: deploymentId("last"), events, expected: { kind: "any" }, receiveTimeUs: 6 });
    }
    await killProcess();
    this.#store = undefined;
    if (ending === "kill") return;
    const folder = dirname(file);
    this.#safe = imageAfterPowerLoss(this.#safe, disk.changes(), this.#chance);
    writeImage(folder, this.#safe);
    disk.beginRecord();
  }

  #opened(): RemoteStore {
    if (this.#store === undefined) throw new Error("no store is open");
    return this.#store;
  }
}
