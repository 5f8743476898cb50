import { expect, test } from "@jest/globals";
import type { Head } from "../src/live/head.ts";
import { boardOf, cellOf } from "../src/now/board.ts";
import { inOrder } from "../src/now/environment-order.ts";
import { usualDurationMs } from "../src/now/usual-duration.ts";

/** A time of one hour of one day. */
function at(minute: number): string {
  return new Date(Date.UTC(2026, 10, 28, 12, minute)).toISOString();
}

function succeeded(deploymentId: string, start: number, finish: number, fields: Partial<Head> = {}): Head {
  const outcome = "OUTCOME_SUCCESS";
  const times = { createTime: at(start), startTime: at(start), finishTime: at(finish), updateTime: at(finish) };
  return { deploymentId, state: "DEPLOYMENT_STATE_FINISHED", outcome, revision: deploymentId, ...times, ...fields };
}

function failed(deploymentId: string, start: number, finish: number): Head {
  return succeeded(deploymentId, start, finish, { outcome: "OUTCOME_FAILURE", failureTime: at(finish) });
}

function rolledBack(deploymentId: string, start: number, time: number): Head {
  const state = "DEPLOYMENT_STATE_ROLLED_BACK";
  return succeeded(deploymentId, start, time - 1, { state, outcome: "OUTCOME_FAILURE", failureTime: at(time) });
}

function running(deploymentId: string, start: number): Head {
  return { deploymentId, state: "DEPLOYMENT_STATE_RUNNING", startTime: at(start), createTime: at(start) };
}

test("what runs is the last that succeeded, by its finish", () => {
  const cell = cellOf([succeeded("late", 1, 9), succeeded("early", 2, 5)]);

  expect(cell.running?.deploymentId).toBe("late");
  expect(cell.mishap).toBeUndefined();
});

test("what was rolled back does not run", () => {
  const cell = cellOf([succeeded("old", 1, 2), rolledBack("new", 3, 5)]);

  expect(cell.running?.deploymentId).toBe("old");
  expect(cell.mishap?.deploymentId).toBe("new");
});

test("a failure before the last success is no news", () => {
  expect(cellOf([failed("bad", 1, 2), succeeded("good", 3, 4)]).mishap).toBeUndefined();
  expect(cellOf([succeeded("good", 1, 2), failed("bad", 3, 4)]).mishap?.deploymentId).toBe("bad");
});

test("a removal empties the cell, recorded with what ran", () => {
  const cell = cellOf([succeeded("a", 1, 2, { removeTime: at(5) })]);

  expect(cell.running).toBeUndefined();
  expect(cell.removed?.deploymentId).toBe("a");
});

test("a removal that is a deployment of its own empties the cell, though it succeeded later", () => {
  const cell = cellOf([succeeded("a", 1, 2), succeeded("removal", 3, 6, { removeTime: at(5) })]);

  expect(cell.running).toBeUndefined();
  expect(cell.removed?.deploymentId).toBe("removal");
});

test("a success after a removal runs", () => {
  const cell = cellOf([succeeded("removal", 1, 4, { removeTime: at(3) }), succeeded("again", 5, 6)]);

  expect(cell.running?.deploymentId).toBe("again");
  expect(cell.removed).toBeUndefined();
});

test("what is under way stands beside what runs, newest first", () => {
  const cell = cellOf([succeeded("a", 1, 2), running("b", 3), running("c", 4)]);

  expect(cell.running?.deploymentId).toBe("a");
  expect(cell.inFlight.map(({ deploymentId }) => deploymentId)).toEqual(["c", "b"]);
});

test("the usual duration is the median of the successes", () => {
  expect(usualDurationMs([])).toBeUndefined();
  expect(usualDurationMs([succeeded("a", 0, 1), succeeded("b", 0, 9), succeeded("c", 0, 2)])).toBe(120_000);
  expect(usualDurationMs([succeeded("a", 0, 1), succeeded("b", 0, 2)])).toBe(90_000);
  expect(usualDurationMs([running("a", 1)])).toBeUndefined();
});

test("the board has services by name and environments by importance, and those without a name last", () => {
  const fields = (service: string, environment: string) => ({ service, environment });
  const board = boardOf([
    succeeded("1", 1, 2, fields("web", "dev")),
    succeeded("2", 1, 2, fields("api", "production")),
    succeeded("3", 1, 2, { environment: "production" }),
    running("4", 3),
  ]);

  expect(board.services).toEqual(["api", "web", ""]);
  expect(board.environments).toEqual(["production", "dev", ""]);
  expect(board.cell("web", "dev")?.running?.deploymentId).toBe("1");
  expect(board.cell("web", "production")).toBeUndefined();
  expect(board.cell("", "production")?.running?.deploymentId).toBe("3");
  expect(board.cell("", "")?.inFlight.map(({ deploymentId }) => deploymentId)).toEqual(["4"]);
});

test("production is first and development last", () => {
  expect(inOrder(["dev", "eu", "staging-2", "prod", "test", "Production-eu", "", "canary"])).toEqual([
    "prod",
    "Production-eu",
    "staging-2",
    "test",
    "canary",
    "eu",
    "dev",
    "",
  ]);
});
