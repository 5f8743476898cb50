import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ActivityEventsClient, verifyDeployment } from "@activity-events/client";
import { ActivityEventsAdminService } from "@activity-events/proto/activityevents/v1/activity_events_admin_service_pb.js";
import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { connect, disconnectAll } from "@activity-events/testing/contract-client";
import { refusalIn } from "@activity-events/testing/refusal";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { type SeededRandom, seededRandom } from "@activity-events/testing/seeded-random";
import { ServiceClient } from "@activity-events/testing/service-client";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { until } from "@activity-events/testing/until";
import { afterEach, expect, test } from "@jest/globals";
import { EditedDeployment } from "./edited-deployment.ts";
import { Follower } from "./follower.ts";

const admin = ActivityEventsAdminService.method;
const v1 = ActivityEventsService.method;
const callsOfEach = 400;
const deploymentsTotal = 6;

afterEach(async () => {
  disconnectAll();
  await cleanUp();
});

interface Caller {
  readonly client: ServiceClient;
  readonly headers: Readonly<Record<string, string>>;
  readonly random: SeededRandom;
}

/** Reason with which a call was refused, or its answer. */
async function outcomeOf<Answer>(answer: Promise<Answer>): Promise<{ readonly answer: Answer } | { reason: string }> {
  try {
    return { answer: await answer };
  } catch (error) {
    const { reason, code, message } = refusalIn(error);
    return { reason: reason ?? `${code} ${message}` };
  }
}

/** Few ids and contents, so that duplicates and conflicts are many. */
function randomEvent({ random }: Caller, { deploymentId }: EditedDeployment) {
  const eventId = `e${random.between(1, 60)}`;
  return { deploymentId, eventId, message: `${eventId} ${random.pick(["a", "a", "b"])}` };
}

async function append(caller: Caller, model: EditedDeployment): Promise<void> {
  const event = randomEvent(caller, model);
  const known = model.knownOf(event.eventId);
  const outcome = await outcomeOf(caller.client.call(v1.createEvent, { event }));
  if ("reason" in outcome) return model.refuse(event.eventId, event.message, outcome.reason, known);
  const { duplicate, event: stored } = outcome.answer;
  if (stored !== undefined) model.acknowledge(stored, { message: event.message, duplicate, known });
}

async function appendBatch(caller: Caller, model: EditedDeployment): Promise<void> {
  const { deploymentId } = model;
  const random = Array.from({ length: caller.random.between(2, 5) }, () => randomEvent(caller, model));
  const events = [...new Map(random.map((event) => [event.eventId, event])).values()];
  const known = events.map(({ eventId }) => model.knownOf(eventId));
  const outcome = await outcomeOf(caller.client.call(v1.batchCreateEvents, { deploymentId, events }));
  for (const [index, { eventId, message }] of events.entries()) {
    const knownOfIt = known[index] ?? model.knownOf(eventId);
    if ("reason" in outcome) {
      // The refusal may be for another event of the batch.
      model.refuse(eventId, message, outcome.reason, { ...knownOfIt, isAcknowledged: false });
      continue;
    }
    const { event, duplicate = false } = outcome.answer.results[index] ?? {};
    if (event !== undefined) model.acknowledge(event, { message, duplicate, known: knownOfIt });
  }
}

async function redact({ client, headers, random }: Caller, model: EditedDeployment): Promise<void> {
  if (model.acknowledged.length === 0) return;
  const { deploymentId } = model;
  const eventId = random.pick(model.acknowledged);
  model.sent.redactions.add(eventId);
  const known = model.knownOf();
  const outcome = await outcomeOf(client.call(admin.redactEvent, { deploymentId, eventId }, { headers }));
  if ("reason" in outcome) return model.refuseEdit(outcome.reason, known);
  const { event, notice } = outcome.answer;
  model.redacted.add(eventId);
  if (notice !== undefined) model.see(notice);
  if (event !== undefined) model.see(event, model.redacted);
}

async function hide({ client, headers }: Caller, model: EditedDeployment): Promise<void> {
  model.sent.deletions += 1;
  const known = model.knownOf();
  const { deploymentId } = model;
  const outcome = await outcomeOf(client.call(admin.deleteDeployment, { deploymentId }, { headers }));
  if ("reason" in outcome) model.refuseEdit(outcome.reason, known);
}

async function show({ client, headers }: Caller, model: EditedDeployment): Promise<void> {
  const known = model.knownOf();
  const { deploymentId } = model;
  const outcome = await outcomeOf(client.call(admin.undeleteDeployment, { deploymentId }, { headers }));
  if ("reason" in outcome) model.refuseEdit(outcome.reason, known);
}

async function purge({ client, headers }: Caller, model: EditedDeployment): Promise<void> {
  if (model.acknowledged.length === 0) return;
  model.sent.purges += 1;
  const known = model.knownOf();
  const { deploymentId } = model;
  const outcome = await outcomeOf(client.call(admin.purgeDeployment, { deploymentId }, { headers }));
  if ("reason" in outcome) model.refuseEdit(outcome.reason, known);
  else model.purge(outcome.answer.deployment?.headSequence ?? 0n);
}

/** Reads a deployment from its start, over pages that may be cached. */
async function read({ client }: Caller, model: EditedDeployment): Promise<void> {
  const before = new Set(model.redacted);
  const known = model.knownOf();
  const reader = client.stream(v1.streamEvents, { deploymentId: model.deploymentId });
  const outcome = await outcomeOf(reader.rest());
  if ("reason" in outcome) return model.refuseRead(outcome.reason, known);
  if (known.isPurged) model.faults.push(`${model.deploymentId}: was read after its purge`);
  for (const { frame } of outcome.answer) {
    if (frame.case === "events") for (const event of frame.value.events) model.see(event, before);
  }
}

/** Follows a deployment, also after it was deleted and undeleted, to its purge, or until all is over and read. */
async function follow(address: string, model: EditedDeployment, isOver: () => boolean): Promise<number> {
  const client = connect(address);
  let cursor = 0;
  for (;;) {
    const before = new Set(model.redacted);
    const known = model.knownOf();
    const follower = new Follower(client, {
      ...{ deploymentId: model.deploymentId, afterSequence: cursor },
      onEvent: (event) => model.see(event, before),
    });
    let error: unknown;
    let hasEnded = false;
    void follower.ended.then((reason) => {
      [error, hasEnded] = [reason, true];
    });
    const isDone = () => isOver() && follower.last >= model.lastSequence;
    await until(() => hasEnded || follower.broken !== undefined || isDone(), "a follower ends or has read all");
    cursor = follower.last;
    if (follower.broken !== undefined) model.faults.push(`${model.deploymentId}: ${follower.broken}`);
    follower.cancel();
    if (!hasEnded) return cursor;
    const reason = error === undefined ? "OK" : refusalIn(error).reason;
    model.refuseRead(reason, known);
    if (reason !== "DEPLOYMENT_NOT_FOUND") return cursor;
  }
}

/** Calls at random, one call after the other. */
async function callAtRandom(caller: Caller, models: readonly EditedDeployment[]): Promise<void> {
  const calls = [
    ...Array(20).fill(append),
    ...Array(6).fill(appendBatch),
    ...Array(5).fill(redact),
    ...[hide, hide, show, show, show, show],
    ...Array(3).fill(read),
  ] as (typeof append)[];
  for (let call = 0; call < callsOfEach; call += 1) {
    const model = caller.random.pick(models);
    // Late, and only some, so that enough remains.
    const mayPurge = call > callsOfEach / 3 && models.indexOf(model) < deploymentsTotal / 2;
    await (mayPurge && caller.random.between(1, 15) === 1 ? purge : caller.random.pick(calls))(caller, model);
  }
}

test("two clients append and edit at once: no id and no sequence is given twice, and readers see one history", async () => {
  const dataDir = temporaryFolder().path;
  const random = seededRandom("edited-at-random");
  const { address, log } = await startService({ dataDir, environment: { STORE: "sqlite" } });
  const headers = { authorization: `Bearer ${readFileSync(join(dataDir, "admin-token"), "utf8").trim()}` };
  const callers = [1, 2].map((): Caller => ({ client: new ServiceClient(address), headers, random }));
  const models = Array.from({ length: deploymentsTotal }, (_, number) => new EditedDeployment(`release-${number}`));
  let isOver = false;
  const following = models.flatMap((model) => [1, 2].map(() => follow(address, model, () => isOver)));

  await Promise.all(callers.map((caller) => callAtRandom(caller, models)));
  const kept = models.filter(({ purgedAt }) => purgedAt === undefined);
  for (const caller of callers) {
    for (const model of kept) await show(caller, model);
    for (const model of models) await read(caller, model);
  }
  isOver = true;
  const cursors = await Promise.all(following);

  const faults = models.flatMap((model) => model.faults);
  const sdk = new ActivityEventsClient({ address, tls: false });
  for (const { deploymentId, lastSequence } of kept) {
    const head = await sdk.getDeployment({ deploymentId });
    await verifyDeployment(sdk, { head, onFault: (fault) => faults.push(`${deploymentId}: ${JSON.stringify(fault)}`) });
    if (Number(head.headSequence) !== lastSequence)
      faults.push(`${deploymentId}: nobody has seen ${head.headSequence}`);
  }
  sdk.close();
  for (const { client } of callers) client.close();
  expect(faults).toEqual([]);
  expect(log.filter(({ message }) => message === "fault")).toEqual([]);
  // The test is about nothing if nothing was edited, or nothing was read.
  expect([kept.length < deploymentsTotal, kept.length >= deploymentsTotal / 2]).toEqual([true, true]);
  expect(models.every(({ redacted, sent }) => redacted.size > 0 && sent.deletions > 0)).toBe(true);
  expect(cursors.every((cursor) => cursor > 0)).toBe(true);
});
