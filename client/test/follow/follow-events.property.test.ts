import { collect } from "@activity-events/testing/collect";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { ActivityEventsError } from "../../src/activity-events-error.ts";
import { BackOff } from "../../src/calls/back-off.ts";
import { followEvents } from "../../src/follow/follow-events.ts";
import { eventAt, frames } from "./frames.ts";

/** How one stream goes: events a frame, how far it repeats what was shown, and after how many frames it ends, and how. */
interface Course {
  readonly frameEvents: number;
  readonly repeats: number;
  readonly framesMax: number;
  readonly ending: "lost" | "goaway" | "silent";
  readonly leavesOut: boolean;
}

const course: fc.Arbitrary<Course> = fc.record({
  frameEvents: fc.integer({ min: 1, max: 5 }),
  repeats: fc.integer({ min: 0, max: 3 }),
  framesMax: fc.integer({ min: 0, max: 4 }),
  ending: fc.constantFrom("lost", "goaway", "silent"),
  leavesOut: fc.boolean(),
});

/** One stream over the sequences up to the head; it may leave an event out, which a later stream then has. */
async function* streamOf(afterSequence: bigint, head: number, { frameEvents, repeats, framesMax, ...how }: Course) {
  yield frames.opened(afterSequence);
  let next = Math.max(1, Number(afterSequence) + 1 - repeats);
  for (let frame = 0; frame < framesMax && next <= head; frame += 1) {
    const sequences = Array.from({ length: frameEvents }, (_, index) => next + index).filter((one) => one <= head);
    yield frames.events(...(how.leavesOut ? sequences.filter((one) => one % 3 !== 0) : sequences));
    next += frameEvents;
  }
  if (how.ending === "goaway") yield frames.goaway(0n);
  if (how.ending === "lost") throw new ActivityEventsError({ code: "UNAVAILABLE", message: "lost" });
}

test("shows each event once and in order, however the streams go", async () => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
  process.stdout.write(`seed ${seed} (SEED=${seed} plays the same streams again)\n`);
  const property = fc.asyncProperty(fc.nat(30), fc.array(course, { maxLength: 10 }), async (head, courses) => {
    const whole: Course = { frameEvents: 5, repeats: 0, framesMax: 100, ending: "silent", leavesOut: false };
    const coming = [...courses];
    const stop = new AbortController();
    const openStream = (afterSequence: bigint) => {
      if (Number(afterSequence) >= head && coming.length === 0) stop.abort();
      const next = coming.shift() ?? whole;
      // The stream after a gap has what was missing: a store that really lacks something is another test.
      const leavesOut = next.leavesOut && Number(afterSequence) % 3 !== 2;
      return streamOf(afterSequence, head, { ...next, leavesOut });
    };
    const backOff = new BackOff({ firstMs: 0, maxMs: 0 });

    const items = await collect(
      followEvents({ openStream, afterSequence: 0n, filtered: false, backOff, signal: stop.signal }),
    );

    const shown = items.flatMap((item) => (item.kind === "event" ? [item.event] : []));
    expect(shown).toEqual(Array.from({ length: head }, (_, index) => eventAt(index + 1)));
  });

  await fc.assert(property, { seed, numRuns: 200 });
});
