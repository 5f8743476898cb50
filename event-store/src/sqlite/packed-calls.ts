import type { Append, ExpectedSequence } from "../domain/append.ts";
import type { EventFacts, NewEvent, Outcome } from "../domain/event.ts";
import type { SendTime } from "../domain/event-time.ts";
import type { DeploymentId, EventId } from "../domain/identifiers.ts";
import type { AppendCall } from "./append-group.ts";
import { labelsOf, labelsText, Texts } from "./packed-texts.ts";

/**
 * The calls of a group on their way to the thread, in three columns: to copy them as objects, as messages between threads
 * are, costs more than to store them.
 */
export interface PackedCalls {
  readonly calls: number;
  /** The texts; what occurs often only once. */
  readonly texts: readonly string[];
  /** Of each call and then of each of its events: numbers, places in `texts` and lengths in `bytes`. */
  readonly numbers: Float64Array<ArrayBuffer>;
  /** Contents, stamps and salts, one behind the other. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** By the place of the call: ids whose stored content has been found the same. */
  readonly same: ReadonlyMap<number, ReadonlySet<EventId>>;
}

const numbersOfCall = 5;
const numbersOfEvent = 16;
const anySequence = -1;
const noSeries = 0;
const nothing = Number.NaN;
const saltBytes = 16;

export function packCalls(calls: readonly AppendCall[]): PackedCalls {
  let events = 0;
  let size = 0;
  for (const { append } of calls) {
    events += append.events.length;
    for (const { content, stamp, salt } of append.events) size += content.length + stamp.length + salt.length;
  }
  const texts = new Texts();
  const numbers = new Float64Array(calls.length * numbersOfCall + events * numbersOfEvent);
  const bytes = new Uint8Array(size);
  const same = new Map<number, ReadonlySet<EventId>>();
  let at = 0;
  let end = 0;
  calls.forEach((call, place) => {
    const { deploymentId, expected, receiveTimeUs, events } = call.append;
    if (call.same.size > 0) same.set(place, call.same);
    numbers[at++] = texts.placeOf(deploymentId);
    numbers[at++] = expected.kind === "any" ? anySequence : expected.sequence;
    numbers[at++] = receiveTimeUs;
    numbers[at++] = call.series ?? noSeries;
    numbers[at++] = events.length;
    for (const { eventId, facts, content, stamp, salt } of events) {
      numbers[at++] = texts.add(eventId);
      numbers[at++] = texts.placeOf(facts.type);
      numbers[at++] = facts.severity;
      numbers[at++] = texts.placeOf(labelsText(facts.labels));
      numbers[at++] = texts.placeOf(facts.outcome);
      numbers[at++] = texts.placeOf(facts.environment);
      numbers[at++] = texts.placeOf(facts.service);
      numbers[at++] = texts.placeOf(facts.revision);
      numbers[at++] = texts.placeOf(facts.actor);
      numbers[at++] = texts.placeOf(facts.commit);
      numbers[at++] = facts.commitTimeUs ?? nothing;
      numbers[at++] = texts.placeOf(facts.url);
      numbers[at++] = facts.sendTime?.seconds ?? nothing;
      numbers[at++] = facts.sendTime?.nanos ?? nothing;
      numbers[at++] = content.length;
      numbers[at++] = stamp.length;
      bytes.set(content, end);
      bytes.set(stamp, end + content.length);
      bytes.set(salt, end + content.length + stamp.length);
      end += content.length + stamp.length + salt.length;
    }
  });
  return { calls: calls.length, texts: texts.all, numbers, bytes, same };
}

export function unpackCalls({ calls, texts, numbers, bytes, same }: PackedCalls): AppendCall[] {
  let at = 0;
  let end = 0;
  const number = () => numbers[at++] as number;
  const text = () => texts[number()] as string;
  const part = (length: number) => {
    if (length === 0) return noBytes;
    end += length;
    return new Uint8Array(bytes.buffer, end - length, length);
  };
  const event = (): NewEvent => {
    const eventId = text() as EventId;
    const facts: EventFacts = {
      type: text(),
      severity: number(),
      labels: labelsOf(text()),
      outcome: text() as Outcome,
      environment: text(),
      service: text(),
      revision: text(),
      actor: text(),
      commit: text(),
      commitTimeUs: timeOf(number()),
      url: text(),
      sendTime: sendTimeOf(number(), number()),
    };
    const contentLength = number();
    const stampLength = number();
    return { eventId, facts, content: part(contentLength), stamp: part(stampLength), salt: part(saltBytes) };
  };
  return Array.from({ length: calls }, (_, place): AppendCall => {
    const deploymentId = text() as DeploymentId;
    const expected = expectedOf(number());
    const receiveTimeUs = number();
    const series = number();
    const events: NewEvent[] = [];
    for (let left = number(); left > 0; left -= 1) events.push(event());
    const append: Append = { deploymentId, expected, receiveTimeUs, events };
    return { append, same: same.get(place) ?? nothingSame, series: series === noSeries ? undefined : series };
  });
}

function timeOf(number: number): number | undefined {
  return Number.isNaN(number) ? undefined : number;
}

function sendTimeOf(seconds: number, nanos: number): SendTime | undefined {
  return Number.isNaN(seconds) ? undefined : { seconds, nanos };
}

const noBytes = new Uint8Array();
const nothingSame: ReadonlySet<EventId> = new Set();
const any: ExpectedSequence = { kind: "any" };

function expectedOf(sequence: number): ExpectedSequence {
  return sequence === anySequence ? any : { kind: "exactly", sequence };
}
