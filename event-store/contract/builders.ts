import {
  type Append,
  type Appended,
  type ContentCodec,
  type DeploymentId,
  type EventFacts,
  type EventId,
  type EventPage,
  type EventStore,
  everyEvent,
  type NewEvent,
  newSalt,
  type ReadEvents,
} from "../src/index.ts";
import { factsBeside } from "../src/stored-facts.ts";

export const deploymentId = (text: string) => text as DeploymentId;
export const eventId = (text: string) => text as EventId;

/** Content of test events: fields as JSON, in which a leading space changes the bytes but not the content. */
export function encode(fields: Readonly<Record<string, unknown>>): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(fields));
}

/** Names the fields in which two test contents differ. */
export function differingFields(stored: Uint8Array, offered: Uint8Array): readonly string[] {
  const [a, b] = [stored, offered].map(
    (content) => JSON.parse(new TextDecoder().decode(content)) as Record<string, unknown>,
  );
  const names = new Set([...Object.keys(a ?? {}), ...Object.keys(b ?? {})]);
  return [...names].filter((name) => JSON.stringify(a?.[name]) !== JSON.stringify(b?.[name]));
}

/** Codec of test contents and stamps. */
export const codec: ContentCodec = {
  differingFields,
  readStamp: (stamp) => {
    const { sendTime, principal = "" } = stamp.length === 0 ? {} : JSON.parse(new TextDecoder().decode(stamp));
    return { sendTime, principal };
  },
  factsOf: ({ content, stamp }) => {
    const { message: _, ...facts } = JSON.parse(new TextDecoder().decode(content));
    return { ...plainFacts, ...facts, ...codec.readStamp(stamp) };
  },
  restoredEvent: (stored) => ({ facts: codec.factsOf(stored), content: stored.content }),
};

/** Given fields of a test event; the rest is generated. */
export interface EventBuilder extends Partial<EventFacts> {
  readonly id?: string;
  readonly message?: string;
  readonly content?: Uint8Array;
  readonly stamp?: Uint8Array;
}

/** Facts of an event without given fields. */
export const plainFacts: EventFacts = factsBeside({ type: "deployment.progress", severity: 200, labels: {} });

// What the stamp holds is not content.
function contentOf({ sendTime: _, principal: __, ...content }: Partial<EventFacts>): Partial<EventFacts> {
  return content;
}

function stampOf({ sendTime, principal }: Partial<EventFacts>): Uint8Array {
  return sendTime === undefined && principal === undefined ? new Uint8Array() : encode({ sendTime, principal });
}

let made = 0;

/** Makes an event that differs from all others by default. */
export function newEvent(builder: EventBuilder = {}): NewEvent {
  made += 1;
  const { id = `event-${made}`, message = "built", content, stamp, ...facts } = builder;
  return {
    eventId: eventId(id),
    facts: { ...plainFacts, ...facts },
    content: content ?? encode({ message, ...contentOf(facts) }),
    stamp: stamp ?? stampOf(facts),
    salt: newSalt(),
  };
}

export function newEvents(count: number, builder: EventBuilder = {}): NewEvent[] {
  return Array.from({ length: count }, () => newEvent(builder));
}

/** Appends with ample time. */
export function append(
  store: Pick<EventStore, "append">,
  id: string,
  events: readonly NewEvent[],
  options: Partial<Pick<Append, "expected" | "receiveTimeUs">> = {},
): Promise<readonly Appended[]> {
  return store.append(
    { deploymentId: deploymentId(id), events, expected: { kind: "any" }, receiveTimeUs: 1_000_000, ...options },
    { deadlineMs: Date.now() + 30_000 },
  );
}

export function readEvents(store: EventStore, id: string, request: Partial<ReadEvents> = {}): Promise<EventPage> {
  return store.readEvents({
    deploymentId: deploymentId(id),
    order: "ascending",
    cursor: undefined,
    filter: everyEvent,
    eventsMax: 1_000,
    bytesMax: 3_000_000,
    ...request,
  });
}

/** Reads the sequences of all events, page by page. */
export async function readSequences(
  store: EventStore,
  id: string,
  request: Partial<ReadEvents> = {},
): Promise<number[]> {
  const sequences: number[] = [];
  let page = await readEvents(store, id, request);
  for (;;) {
    sequences.push(...page.events.map(({ sequence }) => sequence));
    if (!page.more) return sequences;
    page = await readEvents(store, id, { ...request, cursor: page.cursor });
  }
}

/** Returns 1, 2, 3 and so on. */
export function sequencesTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}
