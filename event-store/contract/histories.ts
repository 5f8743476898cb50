import { expect } from "@jest/globals";
import fc from "fast-check";
import {
  type Append,
  type DeploymentId,
  EventIdConflictError,
  type EventStore,
  everyEvent,
  SequenceMismatchError,
} from "../src/index.ts";
import { deploymentId, encode, newEvent } from "./builders.ts";

// Small sets of values, so that ids repeat, contents differ and heads match.
const ids = ["a", "b", "c", "d", "e", "f"];
const deployments = ["one", "two"];
const types = [
  "deployment.progress",
  "deployment.queued",
  "deployment.started",
  "deployment.finished",
  "deployment.rolledback",
  "incident.opened",
  "incident.resolved",
  "service.removed",
];

const event = fc
  .record({
    id: fc.constantFrom(...ids),
    message: fc.constantFrom("x", "y"),
    type: fc.constantFrom(...types),
    severity: fc.constantFrom(200, 400, 500),
    environment: fc.constantFrom("", "prod", "dev"),
    commit: fc.constantFrom("", "c1", "c2"),
    commitTimeUs: fc.constantFrom(undefined, 7, 1_767_225_600_000_000),
    sendTime: fc.constantFrom(undefined, { seconds: 0, nanos: 5 }, { seconds: 946_684_800, nanos: 999 }),
    labels: fc.constantFrom<Record<string, string>>({}, { team: "a" }, { team: "b", zone: "\0" }),
    padding: fc.constantFrom("", " "),
  })
  .map(({ id, message, padding, ...facts }) => {
    // Padding changes the bytes but not the content.
    const { sendTime: _, ...contents } = facts;
    const content = Buffer.concat([Buffer.from(padding), encode({ message, ...contents })]);
    return newEvent({
      ...facts,
      id,
      content,
      outcome: facts.type === "deployment.finished" ? "success" : "unspecified",
    });
  });

const append = fc.record({
  kind: fc.constant("append" as const),
  deployment: fc.constantFrom(...deployments),
  events: fc.uniqueArray(event, { minLength: 1, maxLength: 4, selector: ({ eventId }) => eventId }),
  expected: fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined }),
  receiveTimeUs: fc.integer({ min: 1, max: 9 }),
});

const read = fc.record({
  kind: fc.constant("read" as const),
  deployment: fc.constantFrom(...deployments),
  order: fc.constantFrom("ascending" as const, "descending" as const),
  cursor: fc.option(fc.integer({ min: 0, max: 7 }), { nil: undefined }),
  eventsMax: fc.integer({ min: 1, max: 5 }),
  severityMin: fc.constantFrom(0, 400),
  labels: fc.constantFrom<Record<string, string>>({}, { team: "a" }),
});

const reopen = fc.record({ kind: fc.constant("reopen" as const) });

/** A step of a history. */
export type Step = Drawn<typeof append> | Drawn<typeof read> | Drawn<typeof reopen>;

type Drawn<Arbitrary> = Arbitrary extends fc.Arbitrary<infer Value> ? Value : never;

/** Generates random histories. */
export const histories: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof<{ arbitrary: fc.Arbitrary<Step>; weight: number }[]>(
    { arbitrary: append, weight: 20 },
    { arbitrary: read, weight: 10 },
    { arbitrary: reopen, weight: 1 },
  ),
  { minLength: 1, maxLength: 40 },
);

/** Runs the step on deployments with this prefix; returns everything that a caller can see. */
export async function play(
  store: EventStore,
  step: Exclude<Step, { kind: "reopen" }>,
  prefix: string,
): Promise<unknown> {
  const id = deploymentId(prefix + step.deployment);
  if (step.kind === "append") return tryAppend(store, step, id);
  const { order, cursor, eventsMax, severityMin, labels } = step;
  const filter = { ...everyEvent, severityMin, labels };
  return {
    page: await store.readEvents({ deploymentId: id, order, cursor, eventsMax, filter, bytesMax: 1_000_000 }),
    head: await store.readDeployment(id),
    event: await Promise.all(ids.map((eventId) => store.readEvent(id, newEvent({ id: eventId }).eventId))),
    deployments: await store.readDeployments({
      cursor: undefined,
      filter: { environment: "", service: "", state: undefined },
      deploymentsMax: eventsMax,
    }),
  };
}

async function tryAppend(
  store: EventStore,
  step: Extract<Step, { kind: "append" }>,
  id: DeploymentId,
): Promise<unknown> {
  const { events, expected, receiveTimeUs } = step;
  const request: Append = {
    deploymentId: id,
    events,
    expected: expected === undefined ? { kind: "any" } : { kind: "exactly", sequence: expected },
    receiveTimeUs,
  };
  try {
    return await store.append(request, { deadlineMs: Date.now() + 30_000 });
  } catch (error) {
    if (error instanceof EventIdConflictError) return { conflicts: error.conflicts };
    if (error instanceof SequenceMismatchError)
      return { expected: error.expectedSequence, actual: error.actualSequence };
    throw error;
  }
}

/** Returns a seed for fast-check, from SEED or new; prints it, because a seed is a bug report. */
export function seedOf(environment: NodeJS.ProcessEnv): number {
  const seed = environment.SEED === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(environment.SEED);
  process.stdout.write(`seed ${seed} (SEED=${seed} plays the same histories again)\n`);
  expect(Number.isInteger(seed)).toBe(true);
  return seed;
}
