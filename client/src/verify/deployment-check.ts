import type { Deployment } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import { limits } from "../limits.ts";
import { DeploymentFaults } from "./deployment-faults.ts";
import { eventFaults, proofFaults } from "./event-faults.ts";
import type { Fault } from "./fault.ts";
import { HeadFold } from "./head-fold.ts";
import { headHistoryHash, historyHashProblem } from "./head-history-hash.ts";
import { HistoryCheck } from "./history-check.ts";
import type { HistoryHash } from "./history-hash.ts";
import { isOfOlderVersion, type ReceivedEvent, receivedEvent } from "./received-event.ts";
import { RedactionCheck } from "./redaction-check.ts";

/** Head and earlier hash to check a deployment against. */
export interface DeploymentCheckOptions {
  /** Head that was read before the events. */
  readonly head: Deployment;
  /** Hash from an earlier verification, if any. */
  readonly kept: HistoryHash | undefined;
  readonly onFault: (fault: Fault) => void;
}

/** Checks a deployment's events, in the order received, against each other, the head and an earlier hash. */
export class DeploymentCheck {
  readonly #head: Deployment;
  readonly #faults: DeploymentFaults;
  readonly #fold = new HeadFold();
  readonly #redactions = new RedactionCheck();
  readonly #headCheck: HistoryCheck | undefined;
  readonly #keptCheck: HistoryCheck | undefined;
  /** Event ids seen so far, up to the bound. */
  readonly #ids = new Set<string>();
  #sequence = 0n;
  #isWhole = true;
  /** True if the head's hash ends before the earlier one. */
  #isShorter = false;

  constructor({ head, kept, onFault }: DeploymentCheckOptions) {
    const { deploymentId, headSequence } = head;
    this.#head = head;
    this.#faults = new DeploymentFaults(deploymentId, onFault);
    if (headSequence < 1n) this.#faults.add("HEAD", undefined, `the head counts ${headSequence} events`);
    const claimed = headHistoryHash(head);
    const problem = claimed === undefined ? undefined : historyHashProblem(claimed, headSequence);
    if (problem !== undefined) this.#faults.add("HISTORY_HASH", undefined, problem);
    else if (claimed !== undefined) this.#headCheck = new HistoryCheck(deploymentId, claimed);
    if (kept === undefined) return;
    this.#keptCheck = new HistoryCheck(deploymentId, kept);
    this.#compareExtents(kept, claimed);
  }

  /** Sequence of the last event received. */
  get sequence(): bigint {
    return this.#sequence;
  }

  /** True while an emptied event has no reason yet: it may have been emptied after the head was read, and then the reason is behind it. */
  get lacksReasons(): boolean {
    return this.#redactions.unnamed.length > 0;
  }

  /** Number of faults beyond the reported ones. */
  get untold(): number {
    return this.#faults.untold;
  }

  /** Takes the next event. */
  take(encoded: Uint8Array): void {
    const next = this.#sequence + 1n;
    const received = this.#decoded(encoded, next);
    if (received === undefined) return;
    const { sequence } = received.event;
    if (sequence < next) {
      const description = `sequence ${sequence} came where ${next} was expected`;
      this.#faults.add("EVENT_OUT_OF_ORDER", sequence, description);
      return;
    }
    if (sequence > next) this.#missing(next, sequence - 1n);
    this.#sequence = sequence;
    const faults = [
      ...eventFaults(this.#head.deploymentId, received),
      ...proofFaults(received, this.#isInChain(sequence)),
    ];
    for (const { kind, description } of faults) {
      this.#faults.add(kind, sequence, description);
    }
    this.#checkId(received);
    if (!this.#redactions.take(received.event)) this.#emptied(sequence);
    this.#takeReadable(received);
  }

  /** Skips an event that exists but cannot be read. */
  passOver(sequence: bigint, kind: "STORE_DAMAGED" | "EVENT_UNREADABLE", description: string): void {
    this.#isWhole = false;
    if (sequence > this.#sequence + 1n) this.#missing(this.#sequence + 1n, sequence - 1n);
    if (sequence > this.#sequence) this.#sequence = sequence;
    this.#faults.add(kind, sequence, description);
  }

  /** Ends the check early because the list of events does not end. */
  breakOff(description: string): void {
    this.#faults.add("LIST_ENDLESS", undefined, description);
  }

  /** Ends the check after the last event. */
  end(): void {
    const { headSequence } = this.#head;
    if (this.#sequence < headSequence) this.#missing(this.#sequence + 1n, headSequence);
    for (const sequence of this.#redactions.unnamed) this.#emptied(sequence);
    if (this.#isWhole) {
      const claimed = this.#headCheck?.claimed;
      const isFolded = claimed?.from === 1n && claimed.sequence === headSequence && this.#fold.isOfThisVersion;
      // A head that was read before a redaction still shows what the redaction has taken.
      const namesMayDiffer = this.#redactions.lastNotice > headSequence;
      const differences = this.#fold.differences(this.#head, { isFolded, namesMayDiffer });
      for (const description of differences) this.#faults.add("HEAD", undefined, description);
    }
    this.#compareHashes();
  }

  /** Checks the head that was read after the last event; it must count every event received. */
  endWithHead({ headSequence }: Deployment): void {
    if (headSequence >= this.#sequence) return;
    const description = `the head counts ${headSequence} events, but event ${this.#sequence} was sent before`;
    this.#faults.add("HEAD", undefined, description);
  }

  #decoded(encoded: Uint8Array, sequence: bigint): ReceivedEvent | undefined {
    try {
      return receivedEvent(encoded);
    } catch (error) {
      const description = `event ${sequence} cannot be decoded: ${(error as Error).message}`;
      this.passOver(sequence, "EVENT_UNREADABLE", description);
      return undefined;
    }
  }

  #emptied(sequence: bigint): void {
    const description = `event ${sequence} is emptied, and no later event says why`;
    this.#faults.add("EVENT_EMPTIED", sequence, description);
  }

  #missing(first: bigint, last: bigint): void {
    this.#isWhole = false;
    const which = first === last ? `event ${first} is` : `events ${first} to ${last} are`;
    this.#faults.add("EVENT_MISSING", first, `${which} missing; the head counts ${this.#head.headSequence}`);
  }

  #checkId({ event: { eventId, sequence } }: ReceivedEvent): void {
    if (this.#ids.has(eventId)) {
      this.#faults.add("EVENT_ID_TWICE", sequence, `event ${sequence} has the id "${eventId}" of an earlier event`);
    } else if (this.#ids.size < limits.verifyIdsMax) {
      this.#ids.add(eventId);
    }
  }

  #takeReadable(received: ReceivedEvent): void {
    const { event, receiveTimeUs, commitment } = received;
    const { sequence } = event;
    if (receiveTimeUs === undefined) {
      this.#isWhole = false;
      return;
    }
    // Events appended after the head was read are not in it.
    if (sequence <= this.#head.headSequence) {
      this.#fold.take(received, receiveTimeUs);
      this.#checkIsChained(received);
    }
    if (commitment === undefined) return;
    for (const check of [this.#headCheck, this.#keptCheck]) check?.take({ sequence, receiveTimeUs, commitment });
  }

  // A store that writes a salt also chains the event. Without this check a service could claim a later start or an earlier end.
  #checkIsChained(received: ReceivedEvent): void {
    const { sequence } = received.event;
    const claimed = this.#headCheck?.claimed;
    // An impossible hash is already reported.
    const isImpossible = claimed === undefined && headHistoryHash(this.#head) !== undefined;
    const isChained = claimed !== undefined && sequence >= claimed.from && sequence <= claimed.sequence;
    if (isImpossible || isChained || isOfOlderVersion(received) || received.event.salt.length === 0) return;
    this.#faults.add("HISTORY_HASH", sequence, `event ${sequence} has a salt, but the head's history hash omits it`);
  }

  #isInChain(sequence: bigint): boolean {
    return [this.#headCheck, this.#keptCheck].some((check) => check !== undefined && sequence >= check.claimed.from);
  }

  #compareExtents(kept: HistoryHash, claimed: HistoryHash | undefined): void {
    if (claimed === undefined) {
      this.#faults.add("CHECKPOINT_FROM", undefined, "the head has no history hash any more");
      return;
    }
    if (claimed.from > kept.from) {
      const description = `the history hash starts at event ${claimed.from}; the checkpoint has one from ${kept.from}`;
      this.#faults.add("CHECKPOINT_FROM", undefined, description);
    }
    if (claimed.sequence < kept.sequence) {
      const description = `the history hash ends at event ${claimed.sequence}; the checkpoint has one up to ${kept.sequence}`;
      this.#faults.add("CHECKPOINT_SHORTER", undefined, description);
      this.#isShorter = true;
    }
  }

  #compareHashes(): void {
    const [head, kept] = [this.#headCheck, this.#keptCheck];
    if (head?.result === "differs") {
      const { from, sequence } = head.claimed;
      const description = `the events ${from} to ${sequence} hash to ${head.computed}; the head says ${head.said}`;
      this.#faults.add("HISTORY_HASH", undefined, description);
    }
    if (kept === undefined) return;
    const { from, sequence } = kept.claimed;
    if (kept.result === "differs") {
      const description = `the events ${from} to ${sequence} hash to ${kept.computed}; the checkpoint has ${kept.said}`;
      this.#faults.add("CHECKPOINT_HASH", sequence, description);
    } else if (kept.result === "incomplete" && !this.#isShorter) {
      const description = `some of the events ${from} to ${sequence}, whose hash the checkpoint has, could not be read`;
      this.#faults.add("CHECKPOINT_SHORTER", undefined, description);
    }
  }
}
