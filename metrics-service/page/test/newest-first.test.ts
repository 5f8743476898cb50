import { expect, test } from "@jest/globals";
import { countBefore, newestFirst, placeOf } from "../src/deployments/newest-first.ts";

const noon = "2026-11-28T12:00:00.000001Z";
const later = "2026-11-28T12:00:00.000002Z";

test("sorts as the service does: newest created first, then by id descending", () => {
  const heads = newestFirst([
    { deploymentId: "a", createTime: noon },
    { deploymentId: "c", createTime: later },
    { deploymentId: "b", createTime: noon },
  ]);

  expect(heads.map(({ deploymentId }) => deploymentId)).toEqual(["c", "b", "a"]);
});

test("counts what came since a place, also when that one has gone", () => {
  const held = placeOf({ deploymentId: "b", createTime: noon });
  const heads = newestFirst([
    { deploymentId: "a", createTime: noon },
    { deploymentId: "c", createTime: later },
    { deploymentId: "d", createTime: later },
  ]);

  expect(countBefore(heads, held)).toBe(2);
  expect(countBefore([], held)).toBe(0);
});
