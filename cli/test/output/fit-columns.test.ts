import { PassThrough } from "node:stream";
import { EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { create } from "@bufbuild/protobuf";
import { expect, test } from "@jest/globals";
import { fitColumns } from "../../src/output/fit-columns.ts";
import { Output } from "../../src/output/output.ts";
import { plain } from "../../src/output/paint.ts";
import { Table } from "../../src/output/table.ts";
import { deploymentColumns } from "../../src/read/deployment-columns.ts";
import { eventColumns } from "../../src/read/event-columns.ts";

const deploymentWidths = (widest: readonly number[], width: number) =>
  fitColumns(deploymentColumns({ utc: false, nowMs: 0 }), widest, width).map((each) => each.width);

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

test("keeps room for the messages that are still to come", async () => {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  const table = new Table(new Output(stream), columns);

  await table.flush({ isLive: true });
  await table.row(create(EventSchema, { sequence: 1n, type: "deployment.progress", message: "half of all are up" }));

  // And for outcomes, which a follower waits for.
  expect(stream.setEncoding("utf8").read()).toMatch(/OUTCOME +MESSAGE\n.* half of all are up\n$/);
});

test("gives a long id the room that is left, and takes what is too much from it", () => {
  const withId = (id: number) => [id, 1, 11, 7, 0, 0, 0, 14, 0, 0, 0];

  expect(deploymentWidths(withId(90), 80)).toEqual([42, 11, 7, 14]);
  expect(deploymentWidths(withId(90), 60)).toEqual([22, 11, 7, 14]);
  expect(deploymentWidths(withId(90), 250)[0]).toBe(90);
});
