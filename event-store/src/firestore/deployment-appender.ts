import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { DocumentReference, Firestore, Timestamp } from "@google-cloud/firestore";
import type { CachedHeads } from "../cached-heads.ts";
import type { ContentCodec } from "../content-codec.ts";
import type { Appended } from "../domain/append.ts";
import type { Deployment } from "../domain/deployment.ts";
import type { DeploymentId, EventId } from "../domain/identifiers.ts";
import { limits } from "../limits.ts";
import { StoreFaultError } from "../store-error.ts";
import { failAppend, faultBeforeCommit, type WaitingAppend } from "../waiting-append.ts";
import type { DamagedDeployments } from "./damaged-deployments.ts";
import { deploymentOf, type EventDocument, eventDocument, eventDocumentOf, headDocument } from "./documents.ts";
import { bounded, codeOf, faultError, invalidArgument, isFinal } from "./faults.ts";
import { type GroupPlan, type GroupState, planGroup, type Verdict } from "./plan-group.ts";
import type { RedactionKeys } from "./redaction-keys.ts";
import { withWholeHistory } from "./whole-history.ts";

/** Last seen head. It serves appends only: a wrong one costs an attempt, never an event. */
export interface CachedHead {
  readonly head: Deployment;
  /** Update time of the document, the precondition of a commit. */
  readonly updateTime: Timestamp;
}

interface DeploymentAppenderOptions {
  readonly firestore: Firestore;
  readonly deploymentId: DeploymentId;
  readonly codec: ContentCodec;
  readonly heads: CachedHeads<CachedHead>;
  readonly damaged: DamagedDeployments;
  readonly keys: RedactionKeys;
  /** Called when nothing waits any more. */
  readonly onIdle: () => void;
}

interface WaitingForDeployment extends WaitingAppend {
  /** Ids of all commits that have carried it. */
  readonly commitIds: Set<string>;
  /** True if it must be alone in its commit, because a shared one was refused as invalid. */
  alone: boolean;
}

/** Known head, and the precondition of the commit. */
interface ReadState extends GroupState {
  /** Undefined if the head must not exist. */
  readonly updateTime: Timestamp | undefined;
}

/**
 * Appends to one deployment. While a commit runs, further appends gather; the next commit takes them all. A commit
 * writes the head, if unchanged, and creates the events. After anything but OK it reads the head, then the events, and
 * plans the whole group again.
 */
export class DeploymentAppender {
  readonly #options: DeploymentAppenderOptions;
  readonly #head: DocumentReference;
  #waiting: WaitingForDeployment[] = [];
  /** Changes that wait for their turn; none throws. */
  readonly #changes: (() => Promise<void>)[] = [];
  #running: Promise<void> | undefined;
  /** True if the last attempt failed or was undecided, so that the next reads the stored state first. */
  #unsure = false;
  #failures = 0;

  constructor(options: DeploymentAppenderOptions) {
    this.#options = options;
    this.#head = options.firestore.collection("deployments").doc(options.deploymentId);
  }

  /** Runs a change of the deployment between two commits: appends of this instance would make its own compare and set lose. */
  alone<Result>(change: () => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#changes.push(() => change().then(resolve, reject));
      this.#running ??= this.#run();
    });
  }

  append(call: Pick<WaitingForDeployment, "append" | "options" | "bytes">): Promise<readonly Appended[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...call, commitIds: new Set(), alone: false, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    // Lets the appends of this turn of the event loop join the first commit.
    await Promise.resolve();
    while (this.#waiting.length + this.#changes.length > 0) {
      const change = this.#changes.shift();
      if (change !== undefined) {
        this.#options.heads.drop(this.#options.deploymentId);
        await change();
      }
      const group = this.#takeGroup();
      if (group.length > 0) await this.#attempt(group);
    }
    this.#running = undefined;
    this.#options.onIdle();
  }

  #takeGroup(): WaitingForDeployment[] {
    const waiting = this.#waiting.filter((call) => {
      const fault = faultBeforeCommit(call);
      if (fault !== undefined) failAppend(call, fault);
      return fault === undefined;
    });
    let bytes = 0;
    let events = 0;
    const end = waiting.findIndex((call, index) => {
      bytes += call.bytes;
      events += call.append.events.length;
      if (index === 0) return false;
      const isFull = bytes > limits.commitBytesMax || events > limits.firestoreCommitEventsMax;
      return isFull || call.alone || waiting[0]?.alone === true;
    });
    const count = end === -1 ? waiting.length : end;
    this.#waiting = waiting.slice(count);
    return waiting.slice(0, count);
  }

  async #attempt(group: readonly WaitingForDeployment[]): Promise<void> {
    const { deploymentId, heads, damaged, keys } = this.#options;
    let undecided = group;
    try {
      await damaged.check(deploymentId);
      const state = await this.#readState(group);
      const { differingFields } = this.#options.codec;
      const plan = planGroup(group, state, { differingFields, findKey: keys.find });
      const decided = group.map((call, index) => ({ call, verdict: plan.verdicts[index] }));
      for (const { call, verdict } of decided) settle(call, verdict);
      const written = decided.filter(({ verdict }) => verdict?.kind === "written");
      const later = decided.filter(({ verdict }) => verdict?.kind === "later").map(({ call }) => call);
      undecided = group.filter((call, index) => later.includes(call) || plan.verdicts[index]?.kind === "written");
      if (written.length > 0) {
        const calls = written.map(({ call }) => call);
        await this.#commit(calls, plan, state);
      }
      for (const { call, verdict } of written) if (verdict?.kind === "written") call.resolve(verdict.results);
      this.#waiting = [...later, ...this.#waiting];
      this.#unsure = later.length > 0;
      this.#failures = 0;
    } catch (error) {
      heads.drop(deploymentId);
      damaged.note(error);
      this.#unsure = true;
      await this.#retryLater(undecided, error);
    }
  }

  /** Returns the known state: the cached head if certain; otherwise reads the head, then the events. */
  async #readState(group: readonly WaitingForDeployment[]): Promise<ReadState> {
    const { deploymentId, heads } = this.#options;
    const cached = heads.get(deploymentId);
    if (cached !== undefined && !this.#unsure) return { ...cached, stored: undefined };
    const snapshot = await bounded(this.#head.get());
    const head = await withWholeHistory(deploymentOf(snapshot), this.#options);
    const stored = this.#unsure ? await this.#readEvents(group) : undefined;
    return { head, updateTime: snapshot.updateTime, stored };
  }

  async #readEvents(group: readonly WaitingForDeployment[]): Promise<ReadonlyMap<EventId, EventDocument>> {
    const ids = new Set(group.flatMap(({ append }) => append.events.map(({ eventId }) => eventId)));
    const references = [...ids].map((id) => this.#head.collection("events").doc(id));
    const snapshots = await bounded(this.#options.firestore.getAll(...references));
    const documents = snapshots.flatMap((snapshot) => eventDocumentOf(snapshot) ?? []);
    await this.#options.keys.know(documents.map(({ stored }) => stored.redaction));
    return new Map(documents.map((document) => [document.stored.eventId, document]));
  }

  async #commit(calls: readonly WaitingForDeployment[], plan: GroupPlan, { updateTime }: ReadState): Promise<void> {
    const { firestore, deploymentId, heads } = this.#options;
    const { head, writes } = plan;
    if (head === undefined) throw new Error("a commit without a head");
    const commitId = randomUUID();
    for (const call of calls) call.commitIds.add(commitId);
    const batch = firestore.batch();
    if (updateTime === undefined) batch.create(this.#head, headDocument(head, commitId));
    else batch.update(this.#head, headDocument(head, commitId), { lastUpdateTime: updateTime });
    for (const write of writes) {
      batch.create(this.#head.collection("events").doc(write.event.eventId), eventDocument(write, commitId));
    }
    const [headResult] = await bounded(batch.commit());
    if (headResult !== undefined) heads.set(deploymentId, { head, updateTime: headResult.writeTime });
  }

  async #retryLater(calls: readonly WaitingForDeployment[], error: unknown): Promise<void> {
    const isInvalid = codeOf(error) === invalidArgument;
    if (isFinal(error) || (isInvalid && calls.length === 1)) {
      for (const call of calls) failAppend(call, faultError(error));
      return;
    }
    if (isInvalid) for (const call of calls) call.alone = true;
    this.#waiting = [...calls, ...this.#waiting];
    this.#failures += 1;
    // Full jitter, so that instances that collided do not collide again; bounded by the calls' deadlines, not by a count.
    await sleep(Math.random() * Math.min(1_000, 10 * 2 ** this.#failures));
  }
}

/** Returns why a waiting append takes part in no further attempt, if so. */
function settle(call: WaitingForDeployment, verdict: Verdict | undefined): void {
  if (verdict?.kind === "settled") call.resolve(verdict.results);
  if (verdict?.kind !== "refused") return;
  if (verdict.error instanceof StoreFaultError) failAppend(call, verdict.error);
  else call.reject(verdict.error);
}
