import { expect } from "@jest/globals";
import fc from "fast-check";
import {
  type Append,
  type Deployment,
  type DeploymentCursor,
  DeploymentGoneError,
  type DeploymentId,
  EventIdConflictError,
  type EventStore,
  everyEvent,
  type NewEvent,
  purgedType,
  redactedType,
  SequenceMismatchError,
} from "../src/index.ts";
import { codec, deploymentId, encode, eventId, newEvent } from "./builders.ts";

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

/** Notices have ids of their own, as those of the service. */
function notice(type: string): fc.Arbitrary<NewEvent> {
  return fc.nat().map(() => newEvent({ type }));
}

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
  hidden: fc.boolean(),
});

const redact = fc.record({
  kind: fc.constant("redact" as const),
  deployment: fc.constantFrom(...deployments),
  id: fc.constantFrom(...ids),
  allFields: fc.boolean(),
  notice: notice(redactedType),
  receiveTimeUs: fc.integer({ min: 1, max: 9 }),
});

const hide = fc.record({
  kind: fc.constant("hide" as const),
  deployment: fc.constantFrom(...deployments),
  isHidden: fc.boolean(),
});

const purge = fc.record({
  kind: fc.constant("purge" as const),
  deployment: fc.constantFrom(...deployments),
  isFinished: fc.boolean(),
  notice: notice(purgedType),
  receiveTimeUs: fc.integer({ min: 1, max: 9 }),
});

const reopen = fc.record({ kind: fc.constant("reopen" as const) });

/** A step of a history. */
export type Step = Drawn<typeof append | typeof read | typeof redact | typeof hide | typeof purge | typeof reopen>;

type Drawn<Arbitrary> = Arbitrary extends fc.Arbitrary<infer Value> ? Value : never;

/** Generates random histories. */
export const histories: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof<{ arbitrary: fc.Arbitrary<Step>; weight: number }[]>(
    { arbitrary: append, weight: 20 },
    { arbitrary: read, weight: 10 },
    { arbitrary: redact, weight: 4 },
    { arbitrary: hide, weight: 3 },
    { arbitrary: purge, weight: 1 },
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
  const inTime = { deadlineMs: Date.now() + 30_000 };
  switch (step.kind) {
    case "append":
      return shown(await tryAppend(store, step, id));
    case "redact":
      return shown(await tryRedact(store, step, id));
    case "hide":
      return store.hideDeployment(id, step.isHidden, inTime);
    case "purge": {
      const { notice, receiveTimeUs, isFinished } = step;
      const head = await store.beginPurge({ deploymentId: id, notice, receiveTimeUs }, inTime);
      return { head, purged: isFinished && (await store.purgeSome(id, inTime)) };
    }
    case "read":
      return shown(await readAll(store, step, id));
  }
}

async function readAll(store: EventStore, step: Extract<Step, { kind: "read" }>, id: DeploymentId): Promise<unknown> {
  const { order, cursor, eventsMax, severityMin, labels, hidden } = step;
  const filter = { ...everyEvent, severityMin, labels };
  return {
    page: await store.readEvents({ deploymentId: id, order, cursor, eventsMax, filter, hidden, bytesMax: 1_000_000 }),
    head: await store.readDeployment(id),
    event: await Promise.all(ids.map((one) => store.readEvent(id, eventId(one), { hidden }))),
    deployments: await firstDeployments(store, eventsMax, hidden),
  };
}

/** The first deployments, as many as two pages hold. A page may have fewer: how far it has looked is the store's own affair. */
async function firstDeployments(store: EventStore, deploymentsMax: number, hidden: boolean): Promise<unknown> {
  const filter = { environment: "", service: "", state: undefined };
  const listed: Deployment[] = [];
  let cursor: DeploymentCursor | undefined;
  do {
    const page = await store.readDeployments({ cursor, filter, deploymentsMax, hidden });
    listed.push(...page.deployments);
    cursor = page.next;
  } while (cursor !== undefined && listed.length < 2 * deploymentsMax);
  return listed.slice(0, 2 * deploymentsMax);
}

async function tryRedact(
  store: EventStore,
  { id, allFields, notice, receiveTimeUs }: Extract<Step, { kind: "redact" }>,
  deployment: DeploymentId,
): Promise<unknown> {
  const read = await store.readEvent(deployment, eventId(id), { hidden: true });
  if (read === undefined) return undefined;
  const facts = codec.factsOf(read);
  const { type, severity, outcome, environment, service, commit, commitTimeUs } = facts;
  const names = allFields ? {} : { environment, service, commit, commitTimeUs };
  const content = encode({ type, severity, outcome, ...names });
  const { stamp } = read;
  const left = { content, stamp, facts: codec.factsOf({ content, stamp }) };
  return store.redactEvent(
    { deploymentId: deployment, read, facts, left, notice, receiveTimeUs },
    { deadlineMs: Date.now() + 30_000 },
  );
}

/** Each store has a key of its own, so that the MACs of redacted contents differ. */
function shown(result: unknown): unknown {
  if (result instanceof Uint8Array || typeof result !== "object" || result === null) return result;
  if (Array.isArray(result)) return result.map(shown);
  const entries = Object.entries(result).map(([name, value]) =>
    name === "keyId" || name === "contentMac" ? [name, (value as Uint8Array).length] : [name, shown(value)],
  );
  return Object.fromEntries(entries);
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
    if (error instanceof DeploymentGoneError) return { gone: error.head };
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
