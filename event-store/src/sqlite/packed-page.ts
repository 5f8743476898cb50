import type { StoredEvent } from "../domain/event.ts";
import type { EventId } from "../domain/identifiers.ts";
import type { EventPage } from "../event-store.ts";
import { labelsOf, labelsText, Texts } from "./packed-texts.ts";

/**
 * A page of events on its way from the thread, in the columns of the calls on their way to it: to copy them as objects, as
 * messages between threads are, costs more than to read them.
 */
export interface PackedPage extends Omit<EventPage, "events"> {
  /** The texts; what occurs often only once. */
  readonly texts: readonly string[];
  /** Of each event: numbers, places in `texts` and lengths in `bytes`. */
  readonly numbers: Float64Array<ArrayBuffer>;
  /** Contents and stamps, one behind the other. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const numbersOfEvent = 8;

export function packPage({ events, ...rest }: EventPage): PackedPage {
  const size = events.reduce((sum, { content, stamp }) => sum + content.length + stamp.length, 0);
  const texts = new Texts();
  const numbers = new Float64Array(events.length * numbersOfEvent);
  const bytes = new Uint8Array(size);
  let at = 0;
  let end = 0;
  for (const { eventId, sequence, receiveTimeUs, type, severity, labels, content, stamp } of events) {
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
    end += content.length + stamp.length;
  }
  return { ...rest, texts: texts.all, numbers, bytes };
}

/** The events' contents and stamps are views of the page's bytes. */
export function unpackPage({ texts, numbers, bytes, ...rest }: PackedPage): EventPage {
  let at = 0;
  let end = 0;
  const number = () => numbers[at++] as number;
  const text = () => texts[number()] as string;
  const part = (length: number) => {
    end += length;
    return bytes.subarray(end - length, end);
  };
  const events = Array.from({ length: numbers.length / numbersOfEvent }, (): StoredEvent => {
    const eventId = text() as EventId;
    const sequence = number();
    const receiveTimeUs = number();
    const type = text();
    const severity = number();
    const labels = labelsOf(text());
    const contentLength = number();
    const stampLength = number();
    const content = part(contentLength);
    return { eventId, sequence, receiveTimeUs, type, severity, labels, content, stamp: part(stampLength) };
  });
  return { ...rest, events };
}
