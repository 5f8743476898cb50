import type { Event } from "@activity-events/proto/activityevents/v1/event_pb.js";

/** Type of the events that the service records itself. */
const ownType = /^activityevents[.]/;

/** What its clients know of one deployment that several of them write and edit at once, and what must not come to be. */
export class EditedDeployment {
  readonly deploymentId: string;
  /** Broken promises, in words. */
  readonly faults: string[] = [];
  /** Ids of the events that were acknowledged. */
  readonly acknowledged: string[] = [];
  /** Ids of the events whose redaction was answered. */
  readonly redacted = new Set<string>();
  /** Edits that were sent; they may have happened before their answer comes. */
  readonly sent = { redactions: new Set<string>(), deletions: 0, purges: 0 };
  /** Head after the purge was answered. */
  purgedAt: bigint | undefined;
  readonly #messages = new Map<string, string>();
  readonly #idAt = new Map<bigint, string>();
  readonly #sequenceOf = new Map<string, bigint>();

  constructor(deploymentId: string) {
    this.deploymentId = deploymentId;
  }

  /** Highest sequence that anybody has seen. */
  get lastSequence(): number {
    return Math.max(0, ...[...this.#idAt.keys()].map(Number));
  }

  /** Takes the answer to an append that began when so much was known. */
  acknowledge(event: Event, sent: { readonly message: string; readonly duplicate: boolean; readonly known: Known }) {
    const { eventId } = event;
    if (sent.known.isPurged) this.#fault(`${eventId} was recorded after the purge`);
    if (!sent.duplicate && sent.known.isAcknowledged) this.#fault(`${eventId} was recorded once more`);
    const first = this.#messages.get(eventId) ?? sent.message;
    if (first !== sent.message) this.#fault(`${eventId} was taken with ${first} and with ${sent.message}`);
    this.#messages.set(eventId, first);
    if (!this.acknowledged.includes(eventId)) this.acknowledged.push(eventId);
    this.see(event);
  }

  /** What is known before a call, of an event if it is about one. */
  knownOf(eventId = ""): Known {
    return {
      isPurged: this.purgedAt !== undefined,
      isRecorded: this.acknowledged.length > 0,
      isAcknowledged: this.acknowledged.includes(eventId),
    };
  }

  /** Takes the refusal of an append. */
  refuse(eventId: string, message: string, reason: string | undefined, known: Known): void {
    const isSame = known.isAcknowledged && this.#messages.get(eventId) === message;
    const isOther = known.isAcknowledged && !isSame;
    const mayBe: Readonly<Record<string, boolean>> = {
      EVENT_ID_CONFLICT: !isSame && !known.isPurged,
      // Duplicates and conflicts are decided first.
      DEPLOYMENT_DELETED: this.sent.deletions > 0 && !isSame && !isOther && !known.isPurged,
      DEPLOYMENT_PURGED: this.sent.purges > 0,
    };
    if (mayBe[reason ?? ""] !== true) this.#fault(`${eventId} with ${message} was refused with ${reason}`);
  }

  /** Takes the refusal of an edit. */
  refuseEdit(reason: string, { isPurged, isRecorded }: Omit<Known, "isAcknowledged">): void {
    const isEarly = reason === "DEPLOYMENT_NOT_FOUND" && !isRecorded;
    if (!isEarly && !this.#isGoneBy(reason, isPurged)) this.#fault(`an edit was refused with ${reason}`);
  }

  /** Takes the refusal of a read, or the end of a stream, that began when so much was known. */
  refuseRead(reason: string | undefined, { isPurged, isRecorded }: Omit<Known, "isAcknowledged">): void {
    // Before its first event there is no deployment.
    const isEarly = reason === "DEPLOYMENT_NOT_FOUND" && !isRecorded;
    if (!isEarly && !this.#isGoneBy(reason, isPurged)) this.#fault(`a read was refused with ${reason}`);
  }

  /** Takes an event that a reader sees, to whom the redactions in `before` were answered before its stream began. */
  see(event: Event, before: ReadonlySet<string> = new Set()): void {
    const { sequence, eventId, message, type } = event;
    const [idThere, sequenceThere] = [this.#idAt.get(sequence) ?? eventId, this.#sequenceOf.get(eventId) ?? sequence];
    if (idThere !== eventId) this.#fault(`sequence ${sequence} is ${idThere} and ${eventId}`);
    if (sequenceThere !== sequence) this.#fault(`${eventId} has the sequences ${sequenceThere} and ${sequence}`);
    this.#idAt.set(sequence, eventId);
    this.#sequenceOf.set(eventId, sequence);
    const wasEmptied = message === "" && this.sent.redactions.has(eventId);
    if (before.has(eventId) && message !== "") this.#fault(`${eventId} is seen with ${message} after its redaction`);
    // The first reader may come before the acknowledgement.
    const first = wasEmptied ? undefined : (this.#messages.get(eventId) ?? message);
    if (first === undefined) return;
    if (first !== message) this.#fault(`${eventId} is seen with ${message || "nothing"} instead of ${first}`);
    this.#messages.set(eventId, first);
    if (!ownType.test(type) && !message.startsWith(`${eventId} `)) this.#fault(`${eventId} is seen with ${message}`);
  }

  /** Takes the answer to a purge. */
  purge(headSequence: bigint): void {
    this.purgedAt ??= headSequence;
    if (this.purgedAt !== headSequence) this.#fault(`the purged head was ${this.purgedAt} and is ${headSequence}`);
    if (this.lastSequence > Number(headSequence)) this.#fault(`${this.lastSequence} is above the head ${headSequence}`);
  }

  #isGoneBy(reason: string | undefined, wasPurged: boolean): boolean {
    if (reason === "DEPLOYMENT_PURGED") return this.sent.purges > 0;
    return reason === "DEPLOYMENT_NOT_FOUND" && this.sent.deletions > 0 && !wasPurged;
  }

  #fault(words: string): void {
    this.faults.push(`${this.deploymentId}: ${words}`);
  }
}

/** What is known before a call. */
export interface Known {
  readonly isPurged: boolean;
  /** Any event was acknowledged. */
  readonly isRecorded: boolean;
  /** The event of the call was. */
  readonly isAcknowledged: boolean;
}
