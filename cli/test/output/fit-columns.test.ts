import { expect, test } from "@jest/globals";
import { fitColumns } from "../../src/output/fit-columns.ts";
import { plain } from "../../src/output/paint.ts";
import { eventColumns } from "../../src/read/event-columns.ts";

const columns = eventColumns({ paint: plain, utc: false });
/** Widest cells of: sequence, receive time, severity, type, outcome, event id, message. */
const titles = (widest: readonly number[], width: number) =>
  fitColumns(columns, widest, width).map(({ column }) => column.title);

test("shows every column where there is room", () => {
  const all = ["SEQ", "RECEIVE TIME", "SEVERITY", "TYPE", "OUTCOME", "EVENT ID", "MESSAGE"];

  expect(titles([1, 19, 4, 21, 7, 36, 100], 200)).toEqual(all);
});

test("leaves out empty columns first, then the ones that people need least", () => {
  expect(titles([1, 19, 4, 19, 0, 7, 10], 80)).toEqual([
    "SEQ",
    "RECEIVE TIME",
    "SEVERITY",
    "TYPE",
    "EVENT ID",
    "MESSAGE",
  ]);
  expect(titles([1, 19, 4, 19, 7, 36, 100], 80)).toEqual(["SEQ", "RECEIVE TIME", "TYPE", "OUTCOME", "MESSAGE"]);
});
