import type { Append, ExpectedSequence } from "../../domain/append.ts";
import type { NewEvent, Outcome } from "../../domain/event.ts";
import type { DeploymentId, EventId } from "../../domain/identifiers.ts";
import type { AppendCall, AppendOutcome } from "../appending/append-group.ts";
import { type PackedValues, Packer, partsOf, Unpacker } from "./packed-values.ts";

/** Calls of a group, packed for the thread. */
export interface PackedCalls extends PackedValues {
  readonly calls: number;
  /** By the index of the call: ids whose stored content is equal after decoding. */
  readonly same: ReadonlyMap<number, ReadonlySet<EventId>>;
}

const numbersOfCall = 5;
const numbersOfEvent = 18;

export function packCalls(calls: readonly AppendCall[]): PackedCalls {
  let [numbers, bytes] = [0, 0];
  for (const { append } of calls) {
    numbers += numbersOfCall + append.events.length * numbersOfEvent;
    bytes += partsOf(append.events);
  }
  const packer = new Packer(numbers, bytes);
  const same = new Map<number, ReadonlySet<EventId>>();
  for (const [place, call] of calls.entries()) {
    const { deploymentId, expected, receiveTimeUs, events } = call.append;
    if (call.same.size > 0) same.set(place, call.same);
    packer.text(deploymentId);
    packer.number(expected.kind === "any" ? undefined : expected.sequence);
    packer.number(receiveTimeUs);
    packer.number(call.series);
    packer.number(events.length);
    for (const event of events) packEvent(packer, event);
  }
  return { calls: calls.length, same, ...packer.packed };
}

function packEvent(packer: Packer, { eventId, facts, content, stamp, salt }: NewEvent): void {
  packer.textOnce(eventId);
  packer.text(facts.type);
  packer.number(facts.severity);
  packer.labels(facts.labels);
  packer.text(facts.outcome);
  packer.text(facts.environment);
  packer.text(facts.service);
  packer.text(facts.revision);
  packer.text(facts.actor);
  packer.text(facts.commit);
  packer.number(facts.commitTimeUs);
  packer.text(facts.url);
  packer.number(facts.sendTime?.seconds);
  packer.number(facts.sendTime?.nanos);
  packer.text(facts.principal);
  packer.part(content);
  packer.part(stamp);
  packer.part(salt);
}

export function unpackCalls({ calls, same, ...packed }: PackedCalls): AppendCall[] {
  const values = new Unpacker(packed);
  return Array.from({ length: calls }, (_, place): AppendCall => {
    const deploymentId = values.text() as DeploymentId;
    const expected = expectedOf(values.optionalNumber());
    const receiveTimeUs = values.number();
    const series = values.optionalNumber();
    const events: NewEvent[] = [];
    for (let left = values.number(); left > 0; left -= 1) events.push(unpackEvent(values));
    const append: Append = { deploymentId, expected, receiveTimeUs, events };
    return { append, same: same.get(place) ?? nothingSame, series };
  });
}

function unpackEvent(values: Unpacker): NewEvent {
  return {
    eventId: values.text() as EventId,
    facts: {
      type: values.text(),
      severity: values.number(),
      labels: values.labels(),
      outcome: values.text() as Outcome,
      environment: values.text(),
      service: values.text(),
      revision: values.text(),
      actor: values.text(),
      commit: values.text(),
      commitTimeUs: values.optionalNumber(),
      url: values.text(),
      sendTime: sendTimeOf(values.optionalNumber(), values.optionalNumber()),
      principal: values.text(),
    },
    content: values.part(),
    stamp: values.part(),
    salt: values.part(),
  };
}

function sendTimeOf(seconds: number | undefined, nanos: number | undefined): NewEvent["facts"]["sendTime"] {
  return seconds === undefined || nanos === undefined ? undefined : { seconds, nanos };
}

const nothingSame: ReadonlySet<EventId> = new Set();
const any: ExpectedSequence = { kind: "any" };

function expectedOf(sequence: number | undefined): ExpectedSequence {
  return sequence === undefined ? any : { kind: "exactly", sequence };
}

/** Outcomes of a group, packed for the way back; for most calls a number is enough. */
export interface PackedOutcomes {
  /** By the index of the call: sequence of its first event, if all were written; 0 means see `others`. */
  readonly firstSequences: Float64Array<ArrayBuffer>;
  readonly others: ReadonlyMap<number, AppendOutcome>;
}

export function packOutcomes(outcomes: readonly AppendOutcome[]): PackedOutcomes {
  const firstSequences = new Float64Array(outcomes.length);
  const others = new Map<number, AppendOutcome>();
  outcomes.forEach((outcome, place) => {
    if (outcome.kind === "written") firstSequences[place] = outcome.firstSequence;
    else others.set(place, outcome);
  });
  return { firstSequences, others };
}

export function outcomeAt({ firstSequences, others }: PackedOutcomes, place: number): AppendOutcome | undefined {
  const firstSequence = firstSequences[place] ?? 0;
  return firstSequence > 0 ? { kind: "written", firstSequence } : others.get(place);
}
