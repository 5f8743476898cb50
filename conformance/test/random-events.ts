import { EventSchema, Outcome, Severity } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { SeededRandom } from "@activity-events/testing/seeded-random";
import { create, type JsonObject, type JsonValue, type MessageInitShape, toBinary } from "@bufbuild/protobuf";

/** An event as a producer sends it. */
export interface RandomEvent {
  /** An encoded Event, its fields in any order. */
  readonly encoded: Uint8Array;
  /** It has fields that the contract does not know, and JSON does not show. */
  readonly hasUnknown: boolean;
}

// Orders that differ: UTF-16 puts U+10000 before U+E000 and U+FFFD, UTF-8 behind; JavaScript puts 9 before 10, and both first.
const keys = [
  "10",
  "9",
  "1",
  "a",
  "B",
  "é",
  "\u{e000}",
  "\u{fffd}",
  "\u{10000}",
  "__proto__",
  "__x__",
  "toString",
  "a\0",
];
const texts = ["x", "größer", "日本語", "\u{1d4b3}", "a\0b", "\u2028</script>", '"\\', "y".repeat(200)];
const numbers = [0, 1, -1, 0.1, 1e21, -1e300, 5e-324, 2 ** 53, 1 / 3, 255];
const times = [
  { seconds: 0n, nanos: 0 },
  { seconds: 0n, nanos: 1 },
  { seconds: -1n, nanos: 999_999_999 },
  { seconds: -62_135_596_800n, nanos: 0 },
  { seconds: 253_402_300_799n, nanos: 999_999_999 },
  { seconds: 1_795_507_426n, nanos: 120_000_000 },
  { seconds: 1_795_507_426n, nanos: 1_500 },
];
// Of fields 21, 26, 99 and the highest: a varint, a text, a group with a text, four bytes; and a varint within `commit_time`.
const unknown = ["a80107", "d201026869", "9b06120268699c06", "fdffffff0f01020304", "b20103a80107"].map((hex) =>
  Buffer.from(hex, "hex"),
);
const types = [
  "deployment.queued",
  "deployment.started",
  "deployment.finished",
  "deployment.rolledback",
  "größer",
  "x",
];

/** An event of this deployment with any of the fields that a producer may set. */
export function randomEvent(random: SeededRandom, deploymentId: string, eventId: string): RandomEvent {
  const { pick, between } = random;
  const maybe = <Value>(make: () => Value): Value | undefined => (between(0, 2) === 0 ? make() : undefined);
  const text = () => pick(texts);
  const type = maybe(() => pick(types));
  const fields = [
    { deploymentId },
    { eventId },
    { message: text() },
    { type },
    { outcome: type === "deployment.finished" ? between(Outcome.SUCCESS, Outcome.ERROR) : undefined },
    { severity: maybe(() => pick([Severity.DEBUG, Severity.INFO, Severity.WARNING, Severity.EMERGENCY])) },
    { sendTime: maybe(() => pick(times)) },
    { commitTime: maybe(() => pick(times)) },
    { source: maybe(() => "//builds/7?a=b#c") },
    { url: maybe(() => "https://ci.example/%C3%A9") },
    { actor: maybe(text) },
    { environment: maybe(text) },
    { service: maybe(text) },
    { revision: maybe(text) },
    { commit: maybe(text) },
    { traceParent: maybe(() => "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01") },
    { data: maybe(() => randomObject(random, 4)) },
    // What the server sets is ignored in requests.
    {
      name: maybe(text),
      sequence: maybe(() => 7n),
      salt: maybe(() => new Uint8Array(16).fill(1)),
      principal: maybe(text),
    },
    ...entriesOf(random, text).map((entry) => ({ labels: Object.fromEntries([entry]) })),
  ];
  const parts = fields.map((field) => toBinary(EventSchema, create(EventSchema, setFields(field))));
  const extras = unknown.filter(() => between(0, 15) === 0);
  return { encoded: Buffer.concat(shuffled(random, [...parts, ...extras])), hasUnknown: extras.length > 0 };
}

type Fields = MessageInitShape<typeof EventSchema>;

function setFields(fields: { readonly [name in keyof Fields]: Fields[name] | undefined }): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** Some keys, each with a value; more often none. */
function entriesOf<Value>({ between, pick }: SeededRandom, value: () => Value): [string, Value][] {
  const count = between(0, 1) * between(0, 6);
  const chosen = new Set(Array.from({ length: count }, () => pick(keys)));
  return [...chosen].map((key) => [key, value()]);
}

function randomObject(random: SeededRandom, levels: number): JsonObject {
  const entries = entriesOf<JsonValue>(random, () => randomValue(random, levels - 1));
  if (random.between(0, 9) === 0) entries.push(["", null]);
  return Object.fromEntries(entries);
}

function randomValue(random: SeededRandom, levels: number): JsonValue {
  const { pick, between } = random;
  if (levels === 0) return pick<JsonValue>([null, false, true, "", {}, [], pick(numbers), pick(texts)]);
  if (between(0, 1) === 0) return randomObject(random, levels);
  return Array.from({ length: between(0, 3) }, () => randomValue(random, levels - 1));
}

function shuffled<Item>({ between }: SeededRandom, items: readonly Item[]): Item[] {
  const left = [...items];
  return items.map(() => left.splice(between(0, left.length - 1), 1)[0] as Item);
}
