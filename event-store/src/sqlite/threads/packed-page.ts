import type { StoredEvent } from "../../domain/event.ts";
import type { EventId } from "../../domain/identifiers.ts";
import { redactionBytes, saltColumn, saltOf } from "../rows/salt-column.ts";
import { type PackedValues, Packer, partsOf, Unpacker } from "./packed-values.ts";

/** Values of a page besides its events. */
interface Page {
  readonly events: readonly StoredEvent[];
}

/** A page from the reading thread: events packed, other values unchanged. */
export type Packed<P extends Page> = Omit<P, "events"> & PackedEvents;

interface PackedEvents extends PackedValues {
  readonly events: number;
}

const numbersOfEvent = 9;

export function packPage<P extends Page>({ events, ...rest }: P): Packed<P> {
  const redacted = events.reduce((count, { redaction }) => (redaction === undefined ? count : count + 1), 0);
  const packer = new Packer(events.length * numbersOfEvent, partsOf(events) + redacted * redactionBytes);
  for (const event of events) {
    const { eventId, sequence, receiveTimeUs, type, severity, labels, content, stamp } = event;
    packer.textOnce(eventId);
    packer.number(sequence);
    packer.number(receiveTimeUs);
    packer.text(type);
    packer.number(severity);
    packer.labels(labels);
    packer.part(content);
    packer.part(stamp);
    packer.part(saltColumn(event));
  }
  return { ...rest, events: events.length, ...packer.packed };
}

export function unpackPage<Rest>({ events, texts, numbers, bytes, ...rest }: Rest & PackedEvents) {
  const values = new Unpacker({ texts, numbers, bytes });
  const event = (): StoredEvent => ({
    eventId: values.text() as EventId,
    sequence: values.number(),
    receiveTimeUs: values.number(),
    type: values.text(),
    severity: values.number(),
    labels: values.labels(),
    content: values.part(),
    stamp: values.part(),
    ...saltOf(values.part()),
  });
  return { ...rest, events: Array.from({ length: events }, event) };
}
