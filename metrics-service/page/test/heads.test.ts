import { expect, test } from "@jest/globals";
import type { LiveFrame } from "../../src/live/live-messages.ts";
import { Heads } from "../src/live/heads.ts";

function headsAfter(...frames: readonly LiveFrame[]): Heads {
  const heads = new Heads();
  for (const frame of frames) heads.take(frame);
  return heads;
}

function listed(...ids: readonly string[]): LiveFrame {
  return { deployments: { deployments: ids.map((deploymentId) => ({ deploymentId })) } };
}

function idsOf(heads: Heads): readonly string[] {
  return [...heads.all].map(({ deploymentId }) => deploymentId).sort();
}

test("shows the first list as it comes", () => {
  const heads = headsAfter({ opened: {} }, listed("a", "b"));

  expect(idsOf(heads)).toEqual(["a", "b"]);
  expect(heads.isComplete).toBe(false);
});

test("drops what a later list lacks, once it is complete", () => {
  const heads = headsAfter({ opened: {} }, listed("a", "b"), { caughtUp: {} }, { opened: {} }, listed("b"));
  expect(idsOf(heads)).toEqual(["a", "b"]);

  heads.take({ caughtUp: {} });

  expect(idsOf(heads)).toEqual(["b"]);
});

test("keeps what came live while a list was under way", () => {
  const heads = headsAfter(listed("a"), { fellBehind: {} }, listed("a"), listed("new"), { caughtUp: {} });

  expect(idsOf(heads)).toEqual(["a", "new"]);
});

test("removes what left, also in the middle of a list", () => {
  const heads = headsAfter({ opened: {} }, listed("a", "b"), { left: { deploymentIds: ["a"] } }, { caughtUp: {} });

  expect(idsOf(heads)).toEqual(["b"]);
});

test("replaces a head by a newer one", () => {
  const heads = headsAfter(listed("a"), { deployments: { deployments: [{ deploymentId: "a", revision: "2" }] } });

  expect(heads.get("a")?.revision).toBe("2");
  expect(heads.size).toBe(1);
});

test("names damaged deployments until their head is readable again", () => {
  const heads = headsAfter({ opened: {} }, { damaged: { deploymentIds: ["a"] } }, { caughtUp: {} });
  expect([...heads.damaged]).toEqual(["a"]);

  heads.take(listed("a"));

  expect([...heads.damaged]).toEqual([]);
});

test("says why the watch ended, until another one opens", () => {
  const heads = headsAfter({ ended: { status: "PERMISSION_DENIED", message: "not yours" } });
  expect(heads.ended).toBe("not yours");

  heads.take({ opened: {} });

  expect(heads.ended).toBeUndefined();
});
