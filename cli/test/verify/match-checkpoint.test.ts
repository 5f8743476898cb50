import { DeploymentSchema } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import { collect } from "@activity-events/testing/collect";
import { create } from "@bufbuild/protobuf";
import { expect, test } from "@jest/globals";
import type { CheckpointEntry } from "../../src/verify/checkpoint-entry.ts";
import type { ListedHead } from "../../src/verify/listed-heads.ts";
import { matchCheckpoint } from "../../src/verify/match-checkpoint.ts";

/** Such as `b7`: the deployment `b`, created in second 7. */
const partsOf = (place: string) => ({ deploymentId: place.slice(0, 1), seconds: BigInt(place.slice(1)) });

/** `x`: a fault of the deployment `x`; `!`: one that ends the list. */
async function* heads(places: readonly string[]): AsyncGenerator<ListedHead> {
  for (const place of places) {
    const { deploymentId, seconds } = partsOf(`${place}0`);
    if (place.length > 1) {
      const createTime = { seconds: seconds / 10n };
      yield { kind: "head", head: create(DeploymentSchema, { deploymentId, createTime }) };
    } else {
      const fault = { kind: "STORE_DAMAGED", deploymentId, sequence: undefined, description: "" } as const;
      yield { kind: "fault", fault, endsList: place === "!" };
    }
  }
}

async function* entries(places: readonly string[]): AsyncGenerator<CheckpointEntry, void, undefined> {
  for (const { deploymentId, seconds } of places.map(partsOf)) {
    const historyHash = { hash: new Uint8Array(32), sequence: 1n, from: 1n };
    yield { deploymentId, createTimeUs: seconds * 1_000_000n, historyHash };
  }
}

async function matched(now: readonly string[], kept: readonly string[]): Promise<readonly string[]> {
  const matches = await collect(matchCheckpoint(heads(now), entries(kept)));
  return matches.map((match) => {
    if (match.kind === "fault") return match.fault.kind;
    const { head, entry, isInOrder, isLeftOut } = match;
    const order = isInOrder ? "" : "!";
    return `${head?.deploymentId ?? "-"}${entry?.deploymentId ?? "-"}${order}${isLeftOut ? "?" : ""}`;
  });
}

test.each<[string, readonly string[], readonly string[], readonly string[]]>([
  ["nothing", [], [], []],
  ["what is new", ["b2", "a1"], [], ["b-", "a-"]],
  ["what is gone", [], ["b2", "a1"], ["-b?", "-a?"]],
  ["what is there as it was", ["b2", "a1"], ["b2", "a1"], ["bb", "aa"]],
  ["what is new, there and gone", ["e5", "c3", "b2"], ["d4", "c3", "a1"], ["e-", "-d?", "cc", "b-", "-a?"]],
  ["ids of one time", ["c1", "b1", "a1"], ["b1"], ["c-", "bb", "a-"]],
  ["one with another create time", ["b3", "a1"], ["b2", "a1"], ["b-", "-b?", "aa"]],
  ["a list out of order, or with one twice", ["a1", "b2", "b2"], ["b2"], ["-b?", "a-", "b-!", "LIST_ORDER"]],
  ["a list with damage", ["b3", "x", "a1"], ["x2", "a1"], ["b-", "STORE_DAMAGED", "-x", "aa"]],
  ["a list that breaks off", ["b3", "!"], ["c4", "x2", "a1"], ["-c?", "b-", "STORE_DAMAGED", "-x", "-a"]],
])("brings together %s", async (_, now, kept, expected) => {
  expect(await matched(now, kept)).toEqual(expected);
});
