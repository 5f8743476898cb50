import { expect, test } from "@jest/globals";
import { AddTally } from "../../src/add/add-tally.ts";

test("says how many events a second came through in the last two seconds", () => {
  const tally = new AddTally(1_000);
  const told: string[] = [];

  for (let seconds = 1; seconds <= 4; seconds += 1) {
    tally.recorded += seconds <= 2 ? 1_000 : 5_000;
    told.push(tally.progress(1_000 + 1_000 * seconds, 0));
  }

  expect(told).toEqual([
    "1,000 recorded, 0 duplicates, 0 refused (1,000 events/s)",
    "2,000 recorded, 0 duplicates, 0 refused (1,000 events/s)",
    "7,000 recorded, 0 duplicates, 0 refused (3,000 events/s)",
    "12,000 recorded, 0 duplicates, 0 refused (5,000 events/s)",
  ]);
});

test("says that it waits when nothing comes back of what is under way", () => {
  const tally = new AddTally(0);
  tally.refused = 1;

  tally.progress(100, 10);
  tally.progress(2_200, 10);

  expect(tally.progress(4_400, 10)).toContain("(waiting for the service)");
  expect(tally.progress(4_600, 0)).toContain("(0 events/s)");
});

test("counts apart what a lost connection may have made a duplicate", () => {
  const tally = new AddTally(0);
  Object.assign(tally, { recorded: 94_500, duplicates: 5_500, duplicatesSentTwice: 5_499, refused: 1 });

  expect(tally.summary(4_560)).toBe(
    "94,500 recorded, 5,500 duplicates (5,499 sent twice by this run), 1 refused in 4.6 s",
  );
});
