import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { type Deployment, foldEvent } from "../../../event-store/src/domain/deployment.ts";
import { headOfEvents } from "../src/deployment/head-of-events.ts";

const types = [
  "deployment.queued",
  "deployment.started",
  "deployment.progress",
  "deployment.finished",
  "deployment.rolledback",
  "incident.opened",
  "incident.resolved",
  "service.removed",
  "approval.granted",
] as const;
const outcomes = ["success", "failure", "canceled", "error"] as const;
const baseUs = Date.UTC(2026, 10, 28) * 1_000;

// Few times, so that many are equal; some receive times go back, and some send times are unusable.
const recorded = fc.record({
  type: fc.constantFrom(...types),
  outcome: fc.constantFrom(...outcomes),
  receivedUs: fc.integer({ min: 0, max: 6 }).map((step) => baseUs + step),
  sentUs: fc.option(fc.constantFrom(0, baseUs, baseUs + 1, baseUs + 3, baseUs + 5, baseUs + 400_000_000)),
  revision: fc.constantFrom("", "1.0", "2.0"),
  actor: fc.constantFrom("", "ci", "mira"),
});

test("folds events to what the service shows", () => {
  fc.assert(
    fc.property(fc.array(recorded, { minLength: 1, maxLength: 12 }), (history) => {
      let head: Deployment | undefined;
      for (const each of history) head = foldEvent(head, "d" as never, factsOf(each) as never, each.receivedUs);

      const folded = headOfEvents(history.map(jsonOf));

      expect({ ...folded, eventTimesUs: undefined }).toEqual({
        eventTimesUs: undefined,
        state: `DEPLOYMENT_STATE_${head?.state.toUpperCase()}`,
        outcome: `OUTCOME_${head?.outcome.toUpperCase()}`,
        startUs: head?.startTimeUs,
        finishUs: head?.finishTimeUs,
        ...(head?.revision && { revision: head.revision }),
        ...(head?.actor && { actor: head.actor }),
      });
    }),
    { numRuns: 5_000 },
  );
});

type Recorded = typeof recorded extends fc.Arbitrary<infer T> ? T : never;

function outcomeOf({ type, outcome }: Recorded) {
  return type === "deployment.finished" ? outcome : "unspecified";
}

function factsOf(each: Recorded) {
  const { type, sentUs, revision, actor } = each;
  const sendTime = sentUs === null ? undefined : { seconds: Math.floor(sentUs / 1e6), nanos: (sentUs % 1e6) * 1_000 };
  const unset = { environment: "", service: "", commit: "", commitTimeUs: undefined, url: "" };
  return { ...unset, type, outcome: outcomeOf(each), sendTime, revision, actor };
}

function jsonOf(each: Recorded) {
  const { type, receivedUs, sentUs, revision, actor } = each;
  return {
    type,
    ...(type === "deployment.finished" && { outcome: `OUTCOME_${each.outcome.toUpperCase()}` as "OUTCOME_SUCCESS" }),
    receiveTime: timeOf(receivedUs),
    ...(sentUs !== null && { sendTime: timeOf(sentUs) }),
    ...(revision && { revision }),
    ...(actor && { actor }),
  };
}

/** RFC 3339 with six digits. */
function timeOf(us: number): string {
  const fraction = `${us % 1_000_000}`.padStart(6, "0");
  return new Date(Math.floor(us / 1_000_000) * 1_000).toISOString().replace(".000Z", `.${fraction}Z`);
}
