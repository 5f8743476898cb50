import type { EventWrite } from "./append.ts";
import { type Deployment, isPurged } from "./deployment.ts";
import { type EventFacts, type NewEvent, type StoredEvent, storedEvent } from "./event.ts";
import { headAfter } from "./head-after.ts";
import { commitmentOf } from "./history-hash.ts";
import type { DeploymentId } from "./identifiers.ts";
import { macOf, type RedactionKey } from "./redaction.ts";

/** A redaction of one event, prepared from the event as it was read. */
export interface RedactEvent {
  readonly deploymentId: DeploymentId;
  /** The event as read; the store refuses a redaction of anything else. */
  readonly read: StoredEvent;
  /** Facts of the event as read. */
  readonly facts: EventFacts;
  /** What is left of it. */
  readonly left: Pick<NewEvent, "facts" | "content" | "stamp">;
  /** Event that tells of the redaction. */
  readonly notice: NewEvent;
  /** Arrival of the call, in microseconds since 1970. */
  readonly receiveTimeUs: number;
}

/** Result of a redaction. */
export type Redacted =
  | { readonly kind: "redacted"; readonly event: StoredEvent; readonly notice: StoredEvent }
  /** The event is not as it was read: somebody else has redacted it meanwhile, or its deployment is purged. */
  | { readonly kind: "changed" };

/** Plan of a redaction, given the stored data. */
export type RedactionPlan =
  | { readonly kind: "redacted"; readonly event: StoredEvent; readonly head: Deployment; readonly notice: EventWrite }
  | { readonly kind: "changed" };

/** Plans a redaction, for every adapter: the emptied event, the notice and the new head are one commit. */
export function planRedaction(
  { deploymentId, read, facts, left, notice, receiveTimeUs }: RedactEvent,
  state: {
    readonly head: Deployment | undefined;
    readonly stored: StoredEvent | undefined;
    readonly key: RedactionKey;
  },
): RedactionPlan {
  const { head, stored, key } = state;
  if (head === undefined || stored === undefined || isPurged(head) || !isSameEvent(stored, read)) {
    return { kind: "changed" };
  }
  const { eventId, salt, content } = stored;
  const { sendTime, principal } = facts;
  const redaction = stored.redaction ?? {
    commitment: commitmentOf({ salt, eventId, content, sendTime, principal }),
    keyId: key.id,
    contentMac: macOf(key, content),
  };
  const { type, severity, labels } = left.facts;
  const { stamp } = left;
  const event = { ...stored, type, severity, labels, content: left.content, stamp, salt: nothing, redaction };
  const after = headAfter(withoutValues(head, facts, left.facts), deploymentId, notice, receiveTimeUs);
  return {
    kind: "redacted",
    event,
    head: { ...after, edits: head.edits + 1 },
    notice: {
      event: notice,
      stored: storedEvent(notice, after.headSequence, receiveTimeUs),
      historyHash: after.historyHash.hash,
    },
  };
}

const nothing = new Uint8Array();

function isSameEvent(one: StoredEvent, other: StoredEvent): boolean {
  return (
    one.sequence === other.sequence &&
    Buffer.compare(one.content, other.content) === 0 &&
    Buffer.compare(one.stamp, other.stamp) === 0 &&
    Buffer.compare(one.salt, other.salt) === 0
  );
}

/**
 * Takes the values that an event has lost out of the head, if it shows them. An equal value of another event goes too: nobody
 * can tell whose it was without reading the whole history.
 */
function withoutValues(head: Deployment, facts: EventFacts, left: EventFacts): Deployment {
  const isLost = (name: "environment" | "service" | "revision" | "actor" | "commit" | "url") =>
    facts[name] !== "" && left[name] === "" && head[name] === facts[name];
  // A time may be told without its commit.
  const isTimeLost =
    facts.commitTimeUs !== undefined && left.commitTimeUs === undefined && head.commitTimeUs === facts.commitTimeUs;
  const kept = (name: Parameters<typeof isLost>[0]) => (isLost(name) ? "" : head[name]);
  return {
    ...head,
    environment: kept("environment"),
    service: kept("service"),
    revision: kept("revision"),
    actor: kept("actor"),
    commit: kept("commit"),
    commitTimeUs: isLost("commit") || isTimeLost ? undefined : head.commitTimeUs,
    url: kept("url"),
  };
}
