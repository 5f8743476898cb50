import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { deploymentId, newEvent } from "../contract/builders.ts";
import { seedOf } from "../contract/histories.ts";
import { type Deployment, foldEvent } from "../src/domain/deployment.ts";
import { type EventFacts, outcomes } from "../src/domain/event.ts";
import { kindTimesOfShown, lifeCycleOf } from "../src/domain/life-cycle.ts";

const seed = seedOf(process.env);
const second = 1_000_000;
/** 2026-01-01, in microseconds since 1970. */
const base = 1_767_225_600 * second;

interface Arrival {
  readonly facts: EventFacts;
  readonly receiveTimeUs: number;
}

type Fold = (head: Deployment | undefined, arrival: Arrival) => Deployment;

const foldNow: Fold = (head, { facts, receiveTimeUs }) => foldEvent(head, deploymentId("d"), facts, receiveTimeUs);

/** The fold of versions that took the receive time for the time of an event. */
const foldBefore: Fold = (head, { facts, receiveTimeUs }) => {
  const before = head ?? { ...foldNow(undefined, { facts: newEvent().facts, receiveTimeUs }), headSequence: 0 };
  const changes: Record<string, Partial<Deployment>> = {
    "deployment.queued": { state: "queued" },
    "deployment.started": {
      state: "running",
      startTimeUs: receiveTimeUs,
      outcome: "unspecified",
      finishTimeUs: undefined,
    },
    "deployment.finished": { state: "finished", outcome: facts.outcome, finishTimeUs: receiveTimeUs },
    "deployment.rolledback": { state: "rolled_back" },
  };
  const fresh: Partial<Deployment> = head === undefined ? { state: "unspecified" } : {};
  const updateTimeUs = Math.max(before.updateTimeUs, receiveTimeUs);
  return { ...before, ...fresh, ...changes[facts.type], headSequence: before.headSequence + 1, updateTimeUs };
};

function headOf(arrivals: readonly Arrival[], fold: Fold): Deployment {
  const [first, ...rest] = arrivals;
  if (first === undefined) throw new Error("a deployment has an event at least");
  return rest.reduce(fold, fold(undefined, first));
}

const types = [
  "deployment.queued",
  "deployment.started",
  "deployment.progress",
  "deployment.finished",
  "deployment.rolledback",
  "incident.opened",
  "incident.resolved",
  "service.removed",
  "approval.given",
];

// Few moments, so that many events have equal times.
const sentFacts = fc
  .record({
    type: fc.constantFrom(...types),
    outcome: fc.constantFrom(...outcomes.slice(1)),
    moment: fc.integer({ min: 0, max: 6 }),
    nanos: fc.constantFrom(0, 999),
  })
  .map(({ type, outcome, moment, nanos }): EventFacts => {
    const sendTime = { seconds: base / second + moment, nanos };
    return newEvent({ type, outcome: type === "deployment.finished" ? outcome : "unspecified", sendTime }).facts;
  });

/** What does not depend on the order of arrival. */
const independent = ({ state, outcome, startTimeUs, finishTimeUs, ...head }: Deployment) => {
  const { failureTimeUs, incidentTimeUs, recoverTimeUs, removeTimeUs } = head;
  return { state, outcome, startTimeUs, finishTimeUs, failureTimeUs, incidentTimeUs, recoverTimeUs, removeTimeUs };
};

/** The same events in another order, some of them twice, received at other times. */
const twoArrivals = fc.array(sentFacts, { minLength: 1, maxLength: 8 }).chain((all) =>
  fc.tuple(
    fc.constant(all),
    fc
      .subarray(all)
      .chain((again) => fc.shuffledSubarray([...all, ...again], { minLength: all.length + again.length })),
    fc.array(fc.integer({ min: 10, max: 1_000 }), { minLength: 16, maxLength: 16 }),
  ),
);

const arrivalsOf = (all: readonly EventFacts[], delays: readonly number[]): Arrival[] =>
  all.map((facts, index) => ({ facts, receiveTimeUs: base + (delays[index] ?? 10) * second }));

const isIndependent = (fold: Fold) =>
  fc.property(twoArrivals, ([all, again, delays]) => {
    const one = headOf(arrivalsOf(all, [...delays].sort()), fold);
    const other = headOf(arrivalsOf(again, delays), fold);
    expect(independent(other)).toEqual(independent(one));
  });

describe("among events with a usable send time", () => {
  test("what a head shows of a deployment's life does not depend on their order or repetition", () => {
    fc.assert(isIndependent(foldNow), { seed, numRuns: 1_000 });
  });

  test("it did with the fold of before, so that this test finds it", () => {
    expect(fc.check(isIndependent(foldBefore), { seed, numRuns: 1_000 }).failed).toBe(true);
  });

  test("it does not either beside events without one, which are received in their order after all that was sent", () => {
    const unsentType = fc.constantFrom(...types.filter((type) => type !== "deployment.finished"));
    const unsent = fc.array(unsentType, { maxLength: 4 });
    fc.assert(
      fc.property(twoArrivals, unsent, fc.array(fc.nat(12)), ([all, again, delays], others, places) => {
        const late = others.map((type, index) => ({
          facts: newEvent({ type }).facts,
          receiveTimeUs: base + (2_000 + index) * second,
        }));
        const one = headOf([...arrivalsOf(all, delays), ...late], foldNow);
        const mixed = arrivalsOf(again, delays);
        late.forEach((arrival, index) => {
          // Behind the one before, and anywhere among the others.
          const after = index === 0 ? 0 : mixed.indexOf(late[index - 1] as Arrival) + 1;
          mixed.splice(Math.max(after, Math.min(places[index] ?? 0, mixed.length)), 0, arrival);
        });
        expect(independent(headOf(mixed, foldNow))).toEqual(independent(one));
      }),
      { seed, numRuns: 1_000 },
    );
  });
});

describe("a head that an older version wrote", () => {
  const anyFacts = sentFacts.map((facts): EventFacts => ({ ...facts, sendTime: undefined }));
  const arrivals = fc
    .array(fc.tuple(anyFacts, fc.integer({ min: 0, max: 5 })), { minLength: 1, maxLength: 8 })
    .map((all) => all.map(([facts, moment]): Arrival => ({ facts, receiveTimeUs: base + moment })));

  test("shows the state that it showed when its kept times are rebuilt", () => {
    fc.assert(
      fc.property(arrivals, (all) => {
        const head = headOf(all, foldBefore);
        expect(lifeCycleOf(kindTimesOfShown(head, head)).state).toBe(head.state);
      }),
      { seed, numRuns: 1_000 },
    );
  });

  test("keeps it over an event of no kind, and goes on from it with the next of one", () => {
    fc.assert(
      fc.property(arrivals, fc.constantFrom("deployment.started", "deployment.queued"), (all, type) => {
        const head = { ...headOf(all, foldBefore), foldedSequence: 0 };
        const receiveTimeUs = base + 60 * second;
        const same = foldNow(head, { facts: newEvent({ type: "approval.given" }).facts, receiveTimeUs });
        expect(same.state).toBe(head.state);
        const next = foldNow(same, { facts: newEvent({ type }).facts, receiveTimeUs });
        expect(next.state).toBe(type === "deployment.started" ? "running" : "queued");
      }),
      { seed, numRuns: 1_000 },
    );
  });
});
