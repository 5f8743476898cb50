import type { DeploymentId } from "@activity-events/event-store";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { DeploymentChanges } from "../src/application/deployment-changes.ts";
import { limits } from "../src/limits.ts";

const ids = (...names: (string | number)[]) => names.map((name) => `${name}` as DeploymentId);

describe("the changes of deployments", () => {
  test("are told once each, in the order of the last change, after a number", () => {
    const changes = new DeploymentChanges();
    changes.add(ids("a", "b"));
    const { to = 0, deploymentIds } = changes.after(0, 100) ?? {};
    changes.add(ids("c", "a", "c"));

    expect(deploymentIds).toEqual(["a", "b"]);
    expect(changes.after(to, 100)?.deploymentIds).toEqual(["a", "c"]);
    expect(changes.after(0, 100)?.deploymentIds).toEqual(["b", "a", "c"]);
    expect(changes.after(changes.last, 100)).toEqual({ deploymentIds: [], to: changes.last });
  });

  test("are told in parts, of which each goes on where the one before ended", () => {
    const changes = new DeploymentChanges();
    changes.add(ids(...Array.from({ length: 10 }, (_, index) => index)));
    const told: string[] = [];
    for (let from = 0; from < changes.last; ) {
      const part = changes.after(from, 3);
      told.push(...(part?.deploymentIds ?? []));
      from = part?.to ?? Number.POSITIVE_INFINITY;
    }

    expect(told).toEqual(ids(...Array.from({ length: 10 }, (_, index) => index)));
  });

  test("of few deployments are never too many, however often they change", () => {
    const changes = new DeploymentChanges();
    for (let n = 0; n < 20 * limits.changedDeploymentsMax; n += 1) changes.add(ids(n % 100));

    expect(changes.after(0, 1_000)?.deploymentIds).toHaveLength(100);
  });

  test("of ten thousand deployments are all kept, and beyond that a reader is told that it lacks some", () => {
    const changes = new DeploymentChanges();
    for (let n = 0; n < limits.changedDeploymentsMax; n += 1) changes.add(ids(n));
    expect(changes.after(0, 100_000)?.deploymentIds).toHaveLength(limits.changedDeploymentsMax);

    const near = changes.last;
    for (let n = 0; n < 2 * limits.changedDeploymentsMax; n += 1) changes.add(ids(`more-${n}`));
    expect(changes.after(0, 1)).toBeUndefined();
    expect(changes.after(near, 1)).toBeUndefined();
    expect(changes.after(changes.last - 5, 100)?.deploymentIds).toHaveLength(5);
  });

  test("are forgotten when nobody knows which there were", () => {
    const changes = new DeploymentChanges();
    changes.add(ids("a"));
    const before = changes.last;
    changes.forget();

    expect(changes.after(before, 100)).toBeUndefined();
    expect(changes.after(changes.last, 100)).toEqual({ deploymentIds: [], to: changes.last });
  });

  test("tell every reader of every deployment that changed since it last asked, however they mix", () => {
    const step = fc.oneof(
      fc.record({ add: fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 8 }) }),
      fc.record({ read: fc.integer({ min: 1, max: 10 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const changes = new DeploymentChanges();
        const owed = new Set<string>();
        let from = 0;
        for (const one of steps) {
          if ("add" in one) {
            changes.add(ids(...one.add));
            for (const id of one.add) owed.add(`${id}`);
          } else {
            const part = changes.after(from, one.read);
            for (const id of part?.deploymentIds ?? []) expect(owed.delete(id)).toBe(true);
            from = part?.to ?? from;
          }
        }
        for (const id of changes.after(from, 1_000)?.deploymentIds ?? []) owed.delete(id);
        expect([...owed]).toEqual([]);
      }),
    );
  });
});
