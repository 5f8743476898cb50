import { describe, expect, test } from "@jest/globals";
import { deploymentId, newEvent } from "../contract/builders.ts";
import { type Deployment, foldEvent } from "../src/domain/deployment.ts";
import { isDeploymentId, isEventId, type NewEvent } from "../src/index.ts";

const fold = (events: readonly NewEvent[], timesUs: readonly number[] = []): Deployment | undefined =>
  events.reduce<Deployment | undefined>(
    (head, event, index) => foldEvent(head, deploymentId("d"), event.facts, timesUs[index] ?? index + 1),
    undefined,
  );

describe("an id", () => {
  test.each(["a", "0", "-", "A.b_c~d:e-f", "-5", "x".repeat(128)])("may be %p", (id) => {
    expect(isDeploymentId(id)).toBe(true);
    expect(isEventId(id)).toBe(true);
  });

  test.each(["", ".", "..", "__x__", "_a", "~a", ":a", "a/b", "a b", "a\0", "a\n", "ä", "x".repeat(129)])(
    "may not be %p",
    (id) => {
      expect(isDeploymentId(id)).toBe(false);
      expect(isEventId(id)).toBe(false);
    },
  );
});

describe("the head of a deployment", () => {
  test("has no state until a life-cycle event gives it one, and keeps it over other types", () => {
    expect(fold([newEvent()])?.state).toBe("unspecified");
    expect(fold([newEvent({ type: "deployment.queued" }), newEvent({ type: "approval.given" })])?.state).toBe("queued");
    expect(
      fold([newEvent({ type: "deployment.finished", outcome: "error" }), newEvent({ type: "deployment.rolledback" })]),
    ).toMatchObject({ state: "rolled_back", outcome: "error" });
  });

  test("forgets its outcome and finish time when it is started anew", () => {
    const head = fold([
      newEvent({ type: "deployment.started" }),
      newEvent({ type: "deployment.finished", outcome: "failure" }),
      newEvent({ type: "deployment.started" }),
    ]);

    expect(head).toMatchObject({ state: "running", outcome: "unspecified", startTimeUs: 3, finishTimeUs: undefined });
  });

  test("keeps the last non-empty environment, service and revision", () => {
    const head = fold([
      newEvent({ environment: "dev", service: "api", revision: "1" }),
      newEvent({ revision: "2" }),
      newEvent(),
    ]);

    expect(head).toMatchObject({ environment: "dev", service: "api", revision: "2" });
  });

  test("is updated at the latest of its events' times, which never goes back", () => {
    expect(fold([newEvent(), newEvent(), newEvent()], [10, 30, 20])).toMatchObject({
      createTimeUs: 10,
      updateTimeUs: 30,
    });
  });
});
