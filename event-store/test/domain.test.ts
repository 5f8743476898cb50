import { describe, expect, test } from "@jest/globals";
import { deploymentId, newEvent } from "../contract/builders.ts";
import { type Deployment, foldEvent } from "../src/domain/deployment.ts";
import { isDeploymentId, isEventId, type NewEvent, type Outcome, type SendTime } from "../src/index.ts";

const fold = (events: readonly NewEvent[], timesUs: readonly number[] = []): Deployment | undefined =>
  events.reduce<Deployment | undefined>(
    (head, event, index) => foldEvent(head, deploymentId("d"), event.facts, timesUs[index] ?? index + 1),
    undefined,
  );

/** 2026-01-01 and so many seconds. */
const secondsUs = (seconds: number) => (1_767_225_600 + seconds) * 1_000_000;
const at = (seconds: number, nanos = 0): SendTime => ({ seconds: 1_767_225_600 + seconds, nanos });

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
    expect(fold([newEvent({ type: "approval.given" })])?.state).toBe("unspecified");
    expect(fold([newEvent({ type: "deployment.queued" }), newEvent({ type: "approval.given" })])?.state).toBe("queued");
    expect(
      fold([newEvent({ type: "deployment.finished", outcome: "error" }), newEvent({ type: "deployment.rolledback" })]),
    ).toMatchObject({ state: "rolled_back", outcome: "failure" });
  });

  test("runs with its first progress, also when nobody said that it started", () => {
    expect(fold([newEvent()])).toMatchObject({ state: "running", startTimeUs: undefined });
    expect(fold([newEvent({ type: "deployment.queued" }), newEvent()])?.state).toBe("running");
    expect(fold([newEvent(), newEvent({ type: "deployment.queued" })])?.state).toBe("queued");
  });

  test("stays finished when its start arrives late, and after the server's clock jumped back", () => {
    const started = { type: "deployment.started", sendTime: at(100) } as const;
    const finished = { type: "deployment.finished", outcome: "failure", sendTime: at(160) } as const;
    const head = fold([newEvent(finished), newEvent(started)], [secondsUs(161), secondsUs(900)]);
    expect(head).toMatchObject({
      state: "finished",
      outcome: "failure",
      startTimeUs: secondsUs(100),
      finishTimeUs: secondsUs(160),
      failureTimeUs: secondsUs(160),
    });

    const unsent = [
      newEvent({ type: "deployment.started" }),
      newEvent({ type: "deployment.finished", outcome: "success" }),
    ];
    expect(fold(unsent, [5_000, 10])).toMatchObject({ state: "finished", startTimeUs: 5_000, finishTimeUs: 5_001 });
  });

  test.each([
    ["from before the year 2000", { seconds: 946_684_799, nanos: 999_999_999 }],
    ["more than 5 minutes ahead", at(1_000 + 300, 1_000)],
    ["that is none", undefined],
  ])("takes the receive time in place of a send time %s", (_, sendTime) => {
    const head = fold([newEvent({ type: "deployment.started", sendTime })], [secondsUs(1_000)]);
    expect(head?.startTimeUs).toBe(secondsUs(1_000));
  });

  test("takes a send time of exactly 2000-01-01 and of exactly 5 minutes ahead, cut to microseconds", () => {
    const startOf = (sendTime: SendTime) =>
      fold([newEvent({ type: "deployment.started", sendTime })], [secondsUs(1_000)])?.startTimeUs;
    expect(startOf({ seconds: 946_684_800, nanos: 0 })).toBe(946_684_800_000_000);
    expect(startOf(at(1_300, 999))).toBe(secondsUs(1_300));
    expect(startOf(at(900, 1_999))).toBe(secondsUs(900) + 1);
  });

  test("of two ends at the same time keeps the worse, and of two kinds the later in a deployment's life", () => {
    const ended = (outcome: Outcome) => newEvent({ type: "deployment.finished", outcome, sendTime: at(9) });
    const order = ["success", "canceled", "error", "failure"] as const;
    for (const [index, outcome] of order.entries()) {
      for (const better of order.slice(0, index)) {
        expect(fold([ended(outcome), ended(better)], [secondsUs(10), secondsUs(10)])?.outcome).toBe(outcome);
        expect(fold([ended(better), ended(outcome)], [secondsUs(10), secondsUs(10)])?.outcome).toBe(outcome);
      }
    }
    const kinds = ["queued", "started", "finished", "rolledback"].map((kind) =>
      newEvent({
        type: `deployment.${kind}`,
        outcome: kind === "finished" ? "success" : "unspecified",
        sendTime: at(9),
      }),
    );
    const states = ["queued", "running", "finished", "rolled_back"];
    for (const [index, state] of states.entries()) {
      const some = kinds.slice(0, index + 1).toReversed();
      expect(
        fold(
          some,
          some.map(() => secondsUs(10)),
        )?.state,
      ).toBe(state);
    }
  });

  test("has no finish time before its start", () => {
    const finished = { type: "deployment.finished", outcome: "success", sendTime: at(50) } as const;
    const restarted = { type: "deployment.started", sendTime: at(60) } as const;
    const rolledBack = { type: "deployment.rolledback", sendTime: at(70) } as const;
    const times = [secondsUs(80), secondsUs(80), secondsUs(80)];
    expect(fold([newEvent(finished), newEvent(rolledBack)], times)?.finishTimeUs).toBe(secondsUs(50));
    expect(fold([newEvent(finished), newEvent(restarted), newEvent(rolledBack)], times)).toMatchObject({
      state: "rolled_back",
      finishTimeUs: undefined,
    });
  });

  test("knows since when an incident is open, whatever order its events come in", () => {
    const incident = (kind: "opened" | "resolved", seconds: number) =>
      newEvent({ type: `incident.${kind}`, sendTime: at(seconds) });
    const times = [100, 101, 102, 103].map(secondsUs);
    expect(fold([incident("opened", 10), incident("resolved", 20)], times)).toMatchObject({
      failureTimeUs: secondsUs(10),
      incidentTimeUs: undefined,
      recoverTimeUs: secondsUs(20),
    });
    expect(fold([incident("resolved", 20), incident("opened", 10), incident("opened", 30)], times)).toMatchObject({
      failureTimeUs: secondsUs(10),
      incidentTimeUs: secondsUs(30),
      recoverTimeUs: secondsUs(20),
    });
    expect(fold([newEvent({ type: "service.removed", sendTime: at(7) })], times)?.removeTimeUs).toBe(secondsUs(7));
  });

  test("keeps the last actor, commit and page, and of another commit its own time or none", () => {
    const first = newEvent({ actor: "ann", commit: "c1", commitTimeUs: 7, url: "https://a" });
    expect(fold([first, newEvent({ actor: "bob", commit: "c1" })])).toMatchObject({
      actor: "bob",
      commit: "c1",
      commitTimeUs: 7,
      url: "https://a",
    });
    expect(fold([first, newEvent({ commit: "c2" })])).toMatchObject({ commit: "c2", commitTimeUs: undefined });
    expect(fold([first, newEvent({ commit: "c2", commitTimeUs: 9 })])).toMatchObject({ commit: "c2", commitTimeUs: 9 });
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
