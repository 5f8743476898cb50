import { expect, test } from "@jest/globals";
import { historyOf } from "../src/history.ts";
import { environments, services } from "../src/services.ts";

const untilMs = Date.UTC(2026, 10, 24, 12);
const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
const invent = (seed: number) => historyOf({ seed, untilMs, idSuffix: "" });

test("the same seed and moment invent the same, another seed something else", () => {
  const [one, same, other] = [invent(1), invent(1), invent(2)];

  expect(same.events).toEqual(one.events);
  expect(same.next(untilMs)).toEqual(one.next(untilMs));
  expect(other.events).not.toEqual(one.events);
});

test.each(seeds)("three weeks up to the moment have every kind of event, in order (seed %i)", (seed) => {
  const { events } = invent(seed);

  const times = events.map(({ timeMs }) => timeMs);
  expect(times).toEqual(times.toSorted((one, other) => one - other));
  expect(times.at(-1)).toBeLessThanOrEqual(untilMs);
  expect(untilMs - (times[0] ?? 0)).toBeGreaterThan(18 * 86_400_000);
  expect(new Set(events.map(({ type }) => type))).toEqual(
    new Set([
      "deployment.queued",
      "deployment.started",
      "deployment.progress",
      "deployment.finished",
      "deployment.rolledback",
      "incident.opened",
      "incident.resolved",
      "service.removed",
    ]),
  );
  const cells = new Set(events.map(({ service, environment }) => `${service} ${environment}`));
  expect(cells.size).toBe(services.length * environments.length);
});

test.each(seeds)("ids are unique, and a deployment begins when it is queued (seed %i)", (seed) => {
  const { events } = invent(seed);

  expect(new Set(events.map(({ deploymentId, eventId }) => `${deploymentId} ${eventId}`)).size).toBe(events.length);
  const first = new Map(events.toReversed().map((event) => [event.deploymentId, event]));
  expect(new Set([...first.values()].map(({ type }) => type))).toEqual(new Set(["deployment.queued"]));
});

test.each(seeds)("a service and environment has one roll-out at a time (seed %i)", (seed) => {
  const { events } = invent(seed);

  const spans = Map.groupBy(
    events.filter(({ type }) => type?.startsWith("deployment.")),
    ({ deploymentId }) => deploymentId,
  );
  for (const cell of Map.groupBy(
    [...spans.values()],
    ([event]) => `${event?.service} ${event?.environment}`,
  ).values()) {
    for (const [index, span] of cell.slice(1).entries()) {
      expect(span[0]?.timeMs).toBeGreaterThan(cell[index]?.at(-1)?.timeMs ?? Number.NaN);
    }
  }
});
