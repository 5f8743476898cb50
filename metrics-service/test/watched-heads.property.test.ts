import { Caller } from "@activity-events/access/caller";
import { type Deployment, DeploymentSchema, DeploymentState, Outcome } from "@activity-events/client";
import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Change, DeploymentCollection } from "../src/watch/deployment-collection.ts";
import { type DeploymentFilter, matches } from "../src/watch/deployment-filter.ts";
import { type HeldDeployment, heldDeployment } from "../src/watch/held-deployment.ts";
import { HeldDeployments } from "../src/watch/held-deployments.ts";
import { NowBoard } from "../src/watch/now-board.ts";
import { ReadableParts } from "../src/watch/readable-parts.ts";

const ids = Array.from({ length: 12 }, (_, n) => `d${n}`);
const time = fc.option(
  fc.integer({ min: 1, max: 6 }).map((second) => timestampFromMs(second * 1_000)),
  { nil: undefined },
);
const head = fc
  .record({
    deploymentId: fc.constantFrom(...ids),
    service: fc.constantFrom("", "api", "web"),
    environment: fc.constantFrom("", "prod"),
    state: fc.constantFrom(
      DeploymentState.QUEUED,
      DeploymentState.RUNNING,
      DeploymentState.FINISHED,
      DeploymentState.ROLLED_BACK,
    ),
    outcome: fc.constantFrom(Outcome.SUCCESS, Outcome.FAILURE),
    updateTime: time,
    finishTime: time,
    removeTime: time,
  })
  .map((fields): Deployment => {
    // Creation never changes, and some share it.
    const createTime = timestampFromMs(1_000 * (1 + (Number(fields.deploymentId.slice(1)) % 5)));
    return create(DeploymentSchema, { ...fields, createTime });
  });
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ show: fc.array(head, { maxLength: 5 }) }) },
  { weight: 1, arbitrary: fc.record({ remove: fc.subarray(ids, { maxLength: 3 }) }) },
);
const filter = fc.record({
  service: fc.constantFrom(undefined, "api"),
  environment: fc.constantFrom(undefined, "prod"),
  state: fc.constantFrom(undefined, "running" as const),
  createTimeFromUs: fc.constantFrom(0, 3_000_000),
});

/** What somebody has who only listens to changes. */
class Follower {
  readonly held = new Map<string, HeldDeployment>();

  constructor(collection: DeploymentCollection) {
    collection.listen((changes) => {
      for (const change of changes) this.#take(change);
    });
  }

  #take({ deploymentId, before, after }: Change): void {
    expect(before).toBe(this.held.get(deploymentId));
    if (after === undefined) this.held.delete(deploymentId);
    else this.held.set(deploymentId, after);
  }
}

test("whoever listens holds what is held, and lists are in the order of ListDeployments", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), filter, fc.constantFrom(5, 100), (steps, wanted, heldMax) => {
      const held = new HeldDeployments(heldMax);
      const follower = new Follower(held);
      const model = new Map<string, HeldDeployment>();
      for (const step of steps) {
        if ("show" in step) {
          held.show(step.show);
          for (const shown of step.show) model.set(shown.deploymentId, heldDeployment(shown));
        } else {
          held.remove(step.remove);
          for (const id of step.remove) model.delete(id);
        }
        if (heldMax === 5) {
          expect(held.size).toBeLessThanOrEqual(5);
          continue;
        }
        expect(new Map(follower.held)).toEqual(model);
        expect(idsOf(held, wanted)).toEqual(listed(model, wanted));
      }
      expect([...held.values()].map(({ deploymentId }) => deploymentId).sort()).toEqual(
        [...follower.held.keys()].sort(),
      );
    }),
  );
});

test("beyond its bound it holds the newest", () => {
  const held = new HeldDeployments(3);
  const at = (deploymentId: string, second: number) =>
    create(DeploymentSchema, { deploymentId, createTime: timestampFromMs(second * 1_000) });

  held.show([at("c", 3), at("b", 2), at("a", 1), at("z", 0)]);
  held.show([at("d", 4), at("y", 0)]);

  expect(idsOf(held, all)).toEqual(["d", "c", "b"]);
  expect(held.leftOut).toBe(3);
});

test("the board of now shows what a look at all deployments chooses", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const held = new HeldDeployments(100);
      const board = new NowBoard(held);
      const follower = new Follower(board);
      for (const step of steps) {
        if ("show" in step) held.show(step.show);
        else held.remove(step.remove);
        board.lookNow();
        expect([...follower.held.keys()].sort()).toEqual([...chosen([...held.values()])].sort());
        expect([...idsOf(board, all)].sort()).toEqual([...follower.held.keys()].sort());
        for (const id of ids) expect(board.get(id)).toBe(follower.held.get(id));
      }
    }),
  );
});

test("a viewer's part is what they would see if there were nothing else, whenever they come", () => {
  // d1 has d10 and d11 with it.
  const viewer = new Caller({ principal: "user:m", grants: { read: ["d1", "d4"], write: [], admin: [] } });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), filter, fc.nat(40), (steps, wanted, comesAt) => {
      const held = new HeldDeployments(100);
      const parts = new ReadableParts(held);
      const alone = new HeldDeployments(100);
      const board = new NowBoard(alone);
      let part: ReturnType<ReadableParts["open"]> | undefined;
      for (const [index, step] of steps.entries()) {
        if (index === comesAt) part = parts.open(viewer);
        if ("show" in step) {
          held.show(step.show);
          alone.show(step.show.filter(({ deploymentId }) => viewer.may("read", deploymentId)));
        } else {
          held.remove(step.remove);
          alone.remove(step.remove);
        }
        if (part === undefined) continue;
        expect(idsOf(part.deployments, wanted)).toEqual(idsOf(alone, wanted));
        expect(idsOf(part.now, wanted)).toEqual(idsOf(board, wanted));
        expect([...part.deployments.values()].map(({ deploymentId }) => deploymentId).sort()).toEqual(
          [...alone.values()].map(({ deploymentId }) => deploymentId).sort(),
        );
        for (const id of ids) expect(part.deployments.get(id)?.json).toBe(alone.get(id)?.json);
      }
    }),
  );
});

test("viewers who may read the same share a part, and are told of no change of another", () => {
  const held = new HeldDeployments(100);
  const parts = new ReadableParts(held);
  const viewer = (name: string, ...read: string[]) =>
    new Caller({ principal: `user:${name}`, grants: { read, write: [], admin: [] } });
  const [one, other, third] = [viewer("a", "d1"), viewer("b", "d1"), viewer("c", "d2")].map((each) => parts.open(each));
  const told: string[] = [];
  one?.deployments.listen((changes) => told.push(...changes.map(({ deploymentId }) => deploymentId)));

  held.show(["d1", "d2"].map((deploymentId) => create(DeploymentSchema, { deploymentId })));
  held.remove(["d2", "d1"]);

  expect(told).toEqual(["d1", "d1"]);
  expect(one?.deployments).toBe(other?.deployments);
  expect(one?.deployments).not.toBe(third?.deployments);
  other?.[Symbol.dispose]();
  held.show([create(DeploymentSchema, { deploymentId: "d11" })]);
  expect(told).toEqual(["d1", "d1", "d11"]);
  one?.[Symbol.dispose]();
  held.show([create(DeploymentSchema, { deploymentId: "d12" })]);
  expect(told).toEqual(["d1", "d1", "d11"]);
});

const all: DeploymentFilter = { service: undefined, environment: undefined, state: undefined, createTimeFromUs: 0 };

/** Ids of the whole list, read in pieces of two. */
function idsOf(collection: DeploymentCollection, wanted: DeploymentFilter): string[] {
  const ids: string[] = [];
  let after: HeldDeployment | undefined;
  for (;;) {
    const piece = collection.list(wanted, after, 2);
    after = piece.at(-1);
    if (after === undefined) return ids;
    ids.push(...piece.map(({ deploymentId }) => deploymentId));
  }
}

function listed(model: ReadonlyMap<string, HeldDeployment>, wanted: DeploymentFilter): string[] {
  return [...model.values()]
    .filter((held) => matches(wanted, held) && held.createTimeUs >= wanted.createTimeFromUs)
    .sort((one, other) => other.createTimeUs - one.createTimeUs || (one.deploymentId < other.deploymentId ? 1 : -1))
    .map(({ deploymentId }) => deploymentId);
}

/** The definition, by counting: one is shown if fewer than so many others go before it. */
function chosen(deployments: readonly HeldDeployment[]): Set<string> {
  const isSuccess = ({ state, outcome }: HeldDeployment) => state === "finished" && outcome === "success";
  const finished = ({ finishTimeUs, updateTimeUs }: HeldDeployment) => finishTimeUs ?? updateTimeUs;
  return new Set(
    deployments
      .filter((one) => {
        const others = deployments.filter(
          (other) => other.service === one.service && other.environment === one.environment,
        );
        const goesBefore = (measure: (held: HeldDeployment) => number) => (other: HeldDeployment) =>
          measure(other) > measure(one) || (measure(other) === measure(one) && other.deploymentId > one.deploymentId);
        const isInFlight = one.state === "queued" || one.state === "running";
        const isRecentSuccess =
          isSuccess(one) && others.filter((o) => isSuccess(o) && goesBefore(finished)(o)).length < 5;
        const isLastChanged = !others.some(goesBefore(({ updateTimeUs }) => updateTimeUs));
        const isRemoval =
          one.removeTimeUs !== undefined &&
          !others.some(goesBefore(({ removeTimeUs }) => removeTimeUs ?? Number.NEGATIVE_INFINITY));
        return isInFlight || isRecentSuccess || isLastChanged || isRemoval;
      })
      .map(({ deploymentId }) => deploymentId),
  );
}
