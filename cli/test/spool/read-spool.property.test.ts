import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Event, EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { removeTemporaryFolders, temporaryFolder } from "@activity-events/testing/temporary-folder";
import { create, equals } from "@bufbuild/protobuf";
import { afterEach, expect, test } from "@jest/globals";
import { array, assert, asyncProperty, record, string } from "fast-check";
import { readSpool, type SpoolItem } from "../../src/spool/read-spool.ts";
import { eventLine, headLine } from "../../src/spool/spool-lines.ts";

afterEach(removeTemporaryFolders);

const head = { service: { address: "127.0.0.1:50051" }, deploymentId: "d" };

async function itemsOf(bytes: Uint8Array): Promise<readonly SpoolItem[]> {
  const path = join(temporaryFolder().path, "file");
  writeFileSync(path, bytes);
  const items: SpoolItem[] = [];
  for await (const item of readSpool(path)) items.push(item);
  return items;
}

const eventOf = (text: string, number: number) =>
  create(EventSchema, { deploymentId: "d", eventId: `e-${number}`, message: text, data: { text } });

test("reads of a file that was cut at any byte its whole events, and nothing else", async () => {
  const events = ["first", "", "with é, \u2028, \n and \u0000", "🚢"].map(eventOf);
  const lines = [headLine(head), ...events.map(eventLine)].map((line) => Buffer.from(line));
  const whole = Buffer.concat(lines);

  for (let length = 0; length <= whole.length; length += 1) {
    const items = await itemsOf(whole.subarray(0, length));

    // A line without its line feed is whole, too.
    let rest = length;
    const count = lines.filter((line) => {
      const isWhole = rest >= line.length - 1;
      rest -= line.length;
      return isWhole;
    }).length;
    // But of the first one a line feed tells that it is.
    const expected = length < (lines[0]?.length ?? 0) ? 0 : count;
    expect(items.map(({ kind }) => kind)).toEqual(["head", ...events.map(() => "event")].slice(0, expected));
  }
});

test("gives back every event that it holds, whatever is in it", async () => {
  const texts = array(record({ text: string({ unit: "binary" }) }), { maxLength: 20 });
  await assert(
    asyncProperty(texts, async (kept) => {
      const events = kept.map(({ text }, index) => eventOf(text.toWellFormed(), index));

      const items = await itemsOf(Buffer.from(headLine(head) + events.map(eventLine).join("")));

      const read = items.flatMap((item): Event[] => (item.kind === "event" ? [item.event] : []));
      expect(items).toHaveLength(events.length + 1);
      expect(read.every((event, index) => equals(EventSchema, event, events[index] ?? create(EventSchema)))).toBe(true);
    }),
    { numRuns: 100 },
  );
});
