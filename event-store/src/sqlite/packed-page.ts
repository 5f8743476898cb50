import type { StoredEvent } from "../domain/event.ts";
import type { EventId } from "../domain/identifiers.ts";
import { labelsOf, labelsText, Texts } from "./packed-texts.ts";

/** What a page holds beside what its kind says. */
interface Page {
  readonly events: readonly StoredEvent[];
}

/** A page on its way from the thread that reads: its events in three columns as a group of calls is, the rest as it is. */
export type Packed<P extends Page> = Omit<P, "events"> & PackedEvents;

interface PackedEvents {
  readonly events: number;
  readonly texts: readonly string[];
  /** Of each event: numbers, places in `texts` and lengths in `bytes`. */
  readonly numbers: Float64Array<ArrayBuffer>;
  /** Contents, stamps and salts, one behind the other. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const numbersOfEvent = 8;
const saltBytes = 16;

export function packPage<P extends Page>({ events, ...rest }: P): Packed<P> {
  const texts = new Texts();
  const numbers = new Float64Array(events.length * numbersOfEvent);
  const size = events.reduce((sum, { content, stamp, salt }) => sum + content.length + stamp.length + salt.length, 0);
  const bytes = new Uint8Array(size);
  let at = 0;
  let end = 0;
  for (const { eventId, sequence, receiveTimeUs, type, severity, labels, content, stamp, salt } of events) {
    numbers[at++] = texts.add(eventId);
    numbers[at++] = sequence;
    numbers[at++] = receiveTimeUs;
    numbers[at++] = texts.placeOf(type);
    numbers[at++] = severity;
    numbers[at++] = texts.placeOf(labelsText(labels));
    numbers[at++] = content.length;
    numbers[at++] = stamp.length;
    bytes.set(content, end);
    bytes.set(stamp, end + content.length);
    bytes.set(salt, end + content.length + stamp.length);
    end += content.length + stamp.length + salt.length;
  }
  return { ...rest, events: events.length, texts: texts.all, numbers, bytes };
}

export function unpackPage<Rest>({ events, texts, numbers, bytes, ...rest }: Rest & PackedEvents) {
  let at = 0;
  let end = 0;
  const number = () => numbers[at++] as number;
  const text = () => texts[number()] as string;
  const part = (length: number) => {
    end += length;
    return new Uint8Array(bytes.buffer, end - length, length);
  };
  const event = (): StoredEvent => {
    const eventId = text() as EventId;
    const sequence = number();
    const receiveTimeUs = number();
    const type = text();
    const severity = number();
    const labels = labelsOf(text());
    const contentLength = number();
    const stampLength = number();
    const content = part(contentLength);
    const stamp = part(stampLength);
    return { eventId, sequence, receiveTimeUs, type, severity, labels, content, stamp, salt: part(saltBytes) };
  };
  return { ...rest, events: Array.from({ length: events }, event) };
}
