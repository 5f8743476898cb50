import {
  ActivityEventsAdminService,
  type RedactEventResponse,
} from "@activity-events/proto/activityevents/v1/activity_events_admin_service_pb.js";
import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { DeploymentStanding } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import { type Event, EventSchema, Severity } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { DescMethodUnary, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import { toBinary } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type EmbeddedService, embedService } from "./embed-service.ts";
import { type EventInit, newDeploymentId, newEvent } from "./new-event.ts";
import { refusalOf } from "./read-refusal.ts";

const admin = ActivityEventsAdminService.method;
const v1 = ActivityEventsService.method;
const adminToken = "the-admin-token";
const headers = { authorization: `Bearer ${adminToken}` };
const secret = "hunter2-in-the-log";

let service: EmbeddedService;
beforeAll(async () => {
  service = await embedService({ adminToken });
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
});

/** Calls as the admin. */
function call<M extends DescMethodUnary>(
  method: M,
  request: MessageInitShape<M["input"]>,
): Promise<MessageShape<M["output"]>> {
  return service.client.call(method, request, { headers });
}

/** Calls as anybody. */
function openCall<M extends DescMethodUnary>(
  method: M,
  request: MessageInitShape<M["input"]>,
): Promise<MessageShape<M["output"]>> {
  return service.client.call(method, request);
}

/** Records a deployment of these events, with ids 1, 2 and so on. */
async function recorded(...events: readonly EventInit[]): Promise<string> {
  const deploymentId = newDeploymentId();
  for (const [index, event] of events.entries()) {
    await openCall(v1.createEvent, { event: newEvent({ ...event, deploymentId, eventId: `${index + 1}` }) });
  }
  return deploymentId;
}

const head = async (deploymentId: string) =>
  (await call(v1.getDeployment, { deploymentId, showDeleted: true })).deployment;

const listed = async (deploymentId: string) => (await openCall(v1.listEvents, { deploymentId })).events;

const leak: EventInit = {
  type: "deployment.started",
  severity: Severity.WARNING,
  message: secret,
  data: { password: secret },
  labels: { password: secret },
  actor: secret,
  source: `/${secret}`,
  url: `https://x.test/${secret}`,
  traceParent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01`,
  environment: "prod",
  service: "shop",
  revision: "v7",
  commit: "c0ffee",
  commitTime: { seconds: 1_700_000_000n },
  sendTime: { seconds: 1_700_000_001n },
};

const bytesOf = (event: Event | undefined) =>
  Buffer.from(event === undefined ? [] : toBinary(EventSchema, event)).toString("latin1");

describe("RedactEvent", () => {
  test("empties the event, keeps its place and its commitment, and records the notice", async () => {
    const deploymentId = await recorded(leak, {});
    const [before] = await listed(deploymentId);

    const answer: RedactEventResponse = await call(admin.redactEvent, {
      deploymentId,
      eventId: "1",
      reason: "a password",
    });
    const [event, second, notice] = await listed(deploymentId);

    expect(answer.emptiedFields.toSorted()).toEqual(
      ["actor", "data", "labels", "message", "source", "trace_parent", "url"].toSorted(),
    );
    expect(event).toMatchObject({
      ...{ sequence: 1n, type: "deployment.started", severity: Severity.WARNING, message: "", labels: {}, actor: "" },
      ...{ environment: "prod", service: "shop", revision: "v7", commit: "c0ffee", source: "", url: "" },
      ...{ sendTime: before?.sendTime, commitTime: before?.commitTime, receiveTime: before?.receiveTime },
    });
    expect(event?.data).toBeUndefined();
    expect([event?.salt.length, event?.commitment.length]).toEqual([0, 32]);
    expect(bytesOf(event)).not.toContain(secret);
    expect(answer.event).toEqual(event);
    expect(second?.message).toBe("it goes on");
    expect(notice).toMatchObject({
      ...{ sequence: 3n, type: "activityevents.redacted", severity: Severity.NOTICE, message: "a password" },
      ...{ data: { eventId: "1", sequence: 1, allFields: false }, principal: "token:admin" },
    });
    expect(answer.notice).toEqual(notice);
    expect(await head(deploymentId)).toMatchObject({ headSequence: 3n, edits: 1n, actor: "", url: "" });
  });

  test("takes the names and the principal too when asked for all fields, also after a redaction without them", async () => {
    const deploymentId = await recorded(leak);
    await call(admin.redactEvent, { deploymentId, eventId: "1" });

    const answer = await call(admin.redactEvent, { deploymentId, eventId: "1", allFields: true });

    expect(answer.emptiedFields.toSorted()).toEqual(["commit", "commit_time", "environment", "revision", "service"]);
    expect(answer.event).toMatchObject({ environment: "", service: "", revision: "", commit: "", principal: "" });
    expect(answer.event?.commitTime).toBeUndefined();
    expect(answer.event?.sendTime?.seconds).toBe(1_700_000_001n);
    expect(answer.notice?.message).toBe("event 1 was redacted");
    expect(await head(deploymentId)).toMatchObject({ service: "", environment: "", edits: 2n, headSequence: 3n });
  });

  test("answers a second time with the event as it is, and records nothing", async () => {
    const deploymentId = await recorded(leak);
    const first = await call(admin.redactEvent, { deploymentId, eventId: "1" });

    const second = await call(admin.redactEvent, { deploymentId, eventId: "1", reason: "another reason" });

    expect(second).toMatchObject({ event: first.event, emptiedFields: [] });
    expect(second.notice).toBeUndefined();
    expect((await head(deploymentId))?.headSequence).toBe(2n);
  });

  test("says in a dry run what it would do, and does nothing", async () => {
    const deploymentId = await recorded(leak);
    const before = await head(deploymentId);

    const dry = await call(admin.redactEvent, { deploymentId, eventId: "1", dryRun: true });

    expect(await head(deploymentId)).toEqual(before);
    expect((await listed(deploymentId))[0]?.message).toBe(secret);
    const done = await call(admin.redactEvent, { deploymentId, eventId: "1" });
    expect(dry).toMatchObject({ event: done.event, emptiedFields: done.emptiedFields });
    expect(dry.notice).toBeUndefined();
  });

  test("keeps the data of a notice, which says what was redacted, and takes its reason", async () => {
    const deploymentId = await recorded(leak);
    const { notice } = await call(admin.redactEvent, { deploymentId, eventId: "1", reason: secret });

    const answer = await call(admin.redactEvent, { deploymentId, eventId: `${notice?.eventId}` });

    expect(answer.emptiedFields).toEqual(["message"]);
    expect(answer.event).toMatchObject({ message: "", data: notice?.data });
  });

  test("leaves duplicates duplicates, and tells no field of other content", async () => {
    const deploymentId = await recorded(leak);
    await call(admin.redactEvent, { deploymentId, eventId: "1" });

    const again = await openCall(v1.createEvent, { event: { ...leak, deploymentId, eventId: "1" } });
    const other = refusalOf(openCall(v1.createEvent, { event: { message: "other", deploymentId, eventId: "1" } }));

    expect(again).toMatchObject({ duplicate: true, event: { message: "", sequence: 1n } });
    expect(await other).toMatchObject({
      code: "ALREADY_EXISTS",
      reason: "EVENT_ID_CONFLICT",
      metadata: { deployment_id: deploymentId, event_id: "1", sequence: "1", redacted: "true", violations_total: "1" },
    });
  });

  test("refuses what is not there, and a reason that is too long", async () => {
    const deploymentId = await recorded({});
    const refused = (request: MessageInitShape<typeof admin.redactEvent.input>) =>
      refusalOf(call(admin.redactEvent, request));

    expect(await refused({ deploymentId, eventId: "none" })).toMatchObject({ reason: "EVENT_NOT_FOUND" });
    expect(await refused({ deploymentId: newDeploymentId(), eventId: "1" })).toMatchObject({
      reason: "DEPLOYMENT_NOT_FOUND",
    });
    expect(await refused({ deploymentId, eventId: "1", reason: "x".repeat(257) })).toMatchObject({
      code: "INVALID_ARGUMENT",
      fields: ["reason"],
    });
    expect(await refused({})).toMatchObject({ fields: ["deployment_id", "event_id"] });
  });

  test("redacts once for two admins at the same time", async () => {
    const deploymentId = await recorded(leak);

    const answers = await Promise.all(
      ["one", "two"].map((reason) => call(admin.redactEvent, { deploymentId, eventId: "1", reason })),
    );

    expect(answers.filter(({ notice }) => notice !== undefined)).toHaveLength(1);
    expect((await head(deploymentId))?.headSequence).toBe(2n);
  });
});

describe("DeleteDeployment", () => {
  test("hides the deployment from every read, and undeletes it as it was", async () => {
    const deploymentId = await recorded({ message: "kept" });
    const before = await openCall(v1.getDeployment, { deploymentId });

    const deleted = await call(admin.deleteDeployment, { deploymentId });

    expect(deleted).toMatchObject({
      alreadyDeleted: false,
      deployment: { standing: DeploymentStanding.DELETED, edits: 1n },
    });
    const unknown = { code: "NOT_FOUND", reason: "DEPLOYMENT_NOT_FOUND" };
    expect(await refusalOf(openCall(v1.getDeployment, { deploymentId }))).toMatchObject(unknown);
    expect(await refusalOf(openCall(v1.listEvents, { deploymentId }))).toMatchObject(unknown);
    expect(await refusalOf(openCall(v1.listEvents, { deploymentId, orderBy: 1 }))).toMatchObject(unknown);
    expect(await refusalOf(openCall(v1.getEvent, { deploymentId, eventId: "1" }))).toMatchObject({
      code: "NOT_FOUND",
      reason: "EVENT_NOT_FOUND",
    });
    const { deployments } = await openCall(v1.listDeployments, {});
    expect(deployments.map((one) => one.deploymentId)).not.toContain(deploymentId);

    const undeleted = await call(admin.undeleteDeployment, { deploymentId });
    expect(undeleted).toMatchObject({ alreadyKept: false, deployment: { standing: 0, edits: 2n } });
    const after = await openCall(v1.getDeployment, { deploymentId });
    expect({ ...after.deployment, edits: 0n }).toEqual({ ...before.deployment, edits: 0n });
    expect((await listed(deploymentId)).map(({ message }) => message)).toEqual(["kept"]);
  });

  test("shows it to an admin who asks", async () => {
    const deploymentId = await recorded({ message: "kept" });
    await call(admin.deleteDeployment, { deploymentId });

    const { event } = await call(v1.getEvent, { deploymentId, eventId: "1", showDeleted: true });
    const { events } = await call(v1.listEvents, { deploymentId, showDeleted: true });
    const { deployments } = await call(v1.listDeployments, { showDeleted: true });

    expect([event?.message, ...events.map(({ message }) => message)]).toEqual(["kept", "kept"]);
    expect(deployments.find((one) => one.deploymentId === deploymentId)).toMatchObject({
      standing: DeploymentStanding.DELETED,
    });
    expect(await head(deploymentId)).toMatchObject({ standing: DeploymentStanding.DELETED });
  });

  test("shows it to nobody else", async () => {
    const deploymentId = await recorded({});
    const denied = { code: "PERMISSION_DENIED", reason: "PERMISSION_DENIED" };
    const showDeleted = true;

    expect(await refusalOf(openCall(v1.getEvent, { deploymentId, eventId: "1", showDeleted }))).toMatchObject(denied);
    expect(await refusalOf(openCall(v1.listEvents, { deploymentId, showDeleted }))).toMatchObject(denied);
    expect(await refusalOf(openCall(v1.getDeployment, { deploymentId, showDeleted }))).toMatchObject(denied);
    expect(await refusalOf(openCall(v1.listDeployments, { showDeleted }))).toMatchObject(denied);
  });

  test("binds page tokens to what is shown", async () => {
    const deploymentId = await recorded({}, {});
    await recorded({});
    const events = await call(v1.listEvents, { deploymentId, pageSize: 1, showDeleted: true });
    const heads = await call(v1.listDeployments, { pageSize: 1, showDeleted: true });

    const invalid = { reason: "PAGE_TOKEN_INVALID" };
    expect(await refusalOf(call(v1.listEvents, { deploymentId, pageToken: events.nextPageToken }))).toMatchObject(
      invalid,
    );
    expect(await refusalOf(call(v1.listDeployments, { pageToken: heads.nextPageToken }))).toMatchObject(invalid);
    const rest = { deploymentId, pageToken: events.nextPageToken, showDeleted: true };
    expect((await call(v1.listEvents, rest)).events).toHaveLength(1);
  });

  test("tells duplicates and conflicts first, and refuses new events only", async () => {
    const deploymentId = await recorded({ message: "kept" });
    await call(admin.deleteDeployment, { deploymentId });
    const create = (eventId: string, message: string) =>
      openCall(v1.createEvent, { event: { deploymentId, eventId, message } });

    expect((await create("1", "kept")).duplicate).toBe(true);
    expect(await refusalOf(create("1", "other"))).toMatchObject({ reason: "EVENT_ID_CONFLICT" });
    expect(await refusalOf(create("2", "new"))).toMatchObject({
      code: "FAILED_PRECONDITION",
      reason: "DEPLOYMENT_DELETED",
      metadata: { deployment_id: deploymentId },
    });
  });

  test("does nothing twice, and nothing in a dry run", async () => {
    const deploymentId = await recorded({});

    const dry = await call(admin.deleteDeployment, { deploymentId, dryRun: true });
    expect(dry).toMatchObject({ alreadyDeleted: false, deployment: { standing: DeploymentStanding.DELETED } });
    expect(await head(deploymentId)).toMatchObject({ standing: 0, edits: 0n });
    await call(admin.deleteDeployment, { deploymentId });
    expect(await call(admin.deleteDeployment, { deploymentId })).toMatchObject({ alreadyDeleted: true });
    await call(admin.undeleteDeployment, { deploymentId });
    expect(await call(admin.undeleteDeployment, { deploymentId })).toMatchObject({ alreadyKept: true });
    expect(await refusalOf(call(admin.deleteDeployment, { deploymentId: "none" }))).toMatchObject({
      reason: "DEPLOYMENT_NOT_FOUND",
    });
  });
});

describe("PurgeDeployment", () => {
  test("removes the events for good, and keeps the last pair", async () => {
    const deploymentId = await recorded({ message: secret, service: "shop" }, {}, {});

    const purged = await call(admin.purgeDeployment, { deploymentId, reason: "too old" });

    expect(purged).toMatchObject({ eventsPurged: 4n, alreadyPurged: false });
    const { deployment } = purged;
    expect(deployment).toMatchObject({
      ...{ deploymentId, headSequence: 4n, standing: DeploymentStanding.PURGED, service: "", edits: 1n },
    });
    const history_hash = Buffer.from(deployment?.historyHash ?? []).toString("hex");
    expect(history_hash).toHaveLength(64);
    const gone = {
      reason: "DEPLOYMENT_PURGED",
      metadata: { deployment_id: deploymentId, head_sequence: "4", history_hash },
    };
    for (const read of [
      openCall(v1.getDeployment, { deploymentId }),
      openCall(v1.listEvents, { deploymentId }),
      openCall(v1.getEvent, { deploymentId, eventId: "1" }),
      call(v1.listEvents, { deploymentId, showDeleted: true }),
      call(v1.getEvent, { deploymentId, eventId: "1", showDeleted: true }),
    ]) {
      expect(await refusalOf(read)).toMatchObject({ code: "NOT_FOUND", ...gone });
    }
    for (const change of [
      openCall(v1.createEvent, { event: { deploymentId, eventId: "1", message: secret } }),
      call(admin.redactEvent, { deploymentId, eventId: "1" }),
      call(admin.deleteDeployment, { deploymentId }),
      call(admin.undeleteDeployment, { deploymentId }),
    ]) {
      expect(await refusalOf(change)).toMatchObject({ code: "FAILED_PRECONDITION", ...gone });
    }
    expect(await head(deploymentId)).toEqual(deployment);
    expect(await call(admin.purgeDeployment, { deploymentId })).toMatchObject({
      ...{ eventsPurged: 0n, alreadyPurged: true, deployment },
    });
  });

  test("says in a dry run how many events it would remove", async () => {
    const deploymentId = await recorded({}, {});
    const before = await head(deploymentId);

    const dry = await call(admin.purgeDeployment, { deploymentId, dryRun: true });

    expect(dry).toMatchObject({ eventsPurged: 3n, deployment: { standing: DeploymentStanding.PURGED, edits: 1n } });
    expect(await head(deploymentId)).toEqual(before);
  });

  test("purges a deleted deployment too", async () => {
    const deploymentId = await recorded({});
    await call(admin.deleteDeployment, { deploymentId });

    expect(await call(admin.purgeDeployment, { deploymentId })).toMatchObject({ eventsPurged: 2n });
  });
});

describe("the evidence of admin calls", () => {
  test("is one line a call, with its outcome and nothing of the content", async () => {
    const deploymentId = await recorded({ message: secret });
    const before = service.log.length;

    await call(admin.redactEvent, { deploymentId, eventId: "1", reason: secret, dryRun: true });
    await call(admin.redactEvent, { deploymentId, eventId: "1", reason: secret });
    await call(admin.deleteDeployment, { deploymentId });
    await refusalOf(call(admin.purgeDeployment, { deploymentId: secret.repeat(20) }));

    const lines = service.log.slice(before).filter(({ code }) => code === "ADMIN_CALL");
    const line = { principal: "token:admin", dry_run: false, level: 30 };
    const prefix = "activityevents.v1.ActivityEventsAdminService";
    expect(lines).toEqual([
      expect.objectContaining({
        ...{ ...line, method: `${prefix}/RedactEvent`, deployment: deploymentId, dry_run: true, outcome: "redacted" },
      }),
      expect.objectContaining({
        ...line,
        method: `${prefix}/RedactEvent`,
        deployment: deploymentId,
        outcome: "redacted",
      }),
      expect.objectContaining({ ...line, method: `${prefix}/DeleteDeployment`, outcome: "deleted" }),
      expect.objectContaining({ ...line, method: `${prefix}/PurgeDeployment`, outcome: "REQUEST_INVALID" }),
    ]);
    expect(JSON.stringify(service.log)).not.toContain(secret);
  });
});

describe("types of the service itself", () => {
  test.each([
    ["CreateEvent, plain", (event: EventInit) => openCall(v1.createEvent, { event })],
    [
      "CreateEvent, decoded",
      (event: EventInit) => openCall(v1.createEvent, { event: { ...event, labels: { a: "b" } } }),
    ],
  ])("are refused from producers: %s", async (_, send) => {
    for (const type of ["activityevents.redacted", "activityevents.anything"]) {
      expect(await refusalOf(send(newEvent({ type })))).toMatchObject({
        ...{ code: "INVALID_ARGUMENT", reason: "REQUEST_INVALID", fields: ["event.type"] },
      });
    }
  });

  test("are refused in batches and streams too", async () => {
    const event = newEvent({ type: "activityevents.purged" });

    const batch = openCall(v1.batchCreateEvents, { deploymentId: event.deploymentId, events: [event] });
    expect(await refusalOf(batch)).toMatchObject({ fields: ["events[0].type"] });
    const stream = service.client.bidi(v1.ingestEvents);
    stream.send({ events: [event, newEvent()] });
    const { frame } = (await stream.until(({ frame }) => frame.case === "acknowledgements")).at(-1) ?? {};
    stream.cancel();
    expect(frame?.case === "acknowledgements" && frame.value.acknowledgements[0]?.status?.code).toBe(3);
  });

  test("are others than those that only begin alike", async () => {
    expect(await openCall(v1.createEvent, { event: newEvent({ type: "activityeventsx" }) })).toBeDefined();
  });
});
