import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { DeploymentState } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import { Outcome } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type EmbeddedService, embedService } from "./embed-service.ts";
import { type EventInit, newDeploymentId, newEvent } from "./new-event.ts";
import { refusalOf } from "./read-refusal.ts";
import { stores } from "./start-service.ts";

const { batchCreateEvents, createEvent, getDeployment } = ActivityEventsService.method;

const queued: EventInit = { type: "deployment.queued" };
const started: EventInit = { type: "deployment.started" };
const progress: EventInit = { message: "it goes on" };
const failed: EventInit = { type: "deployment.finished", outcome: Outcome.FAILURE };
const succeeded: EventInit = { type: "deployment.finished", outcome: Outcome.SUCCESS };
const rolledBack: EventInit = { type: "deployment.rolledback" };

/** From 1970 to 2026, in seconds: a producer's clock that says less than the year 2000 was never set. */
const secondsTo2026 = 1_767_225_600;

describe.each(stores)("GetDeployment on %s", (store) => {
  let service: EmbeddedService;
  // The n-th call of a test arrives at 2000 s + n µs, unless the test puts the clock elsewhere.
  let timeUs = 0;
  beforeAll(async () => {
    service = await embedService({ store, clock: () => ++timeUs });
  });
  afterAll(async () => {
    await service[Symbol.asyncDispose]();
  });

  /** The deployment after these events, recorded one by one, or each list of them at once. */
  const deploymentAfter = async (...events: (EventInit | EventInit[])[]) => {
    timeUs = 2_000_000_000;
    const deploymentId = newDeploymentId();
    for (const event of events) {
      if (Array.isArray(event)) await service.client.call(batchCreateEvents, { deploymentId, events: event });
      else await service.client.call(createEvent, { event: { ...event, deploymentId } });
    }
    const { deployment } = await service.client.call(getDeployment, { deploymentId });
    if (deployment === undefined) throw new Error("the answer has no deployment");
    return { ...deployment, expectedId: deploymentId };
  };
  const at = (call: number) => expect.objectContaining({ seconds: 2_000n, nanos: call * 1_000 });

  test.each([
    ["no life-cycle event", [{ type: "approval.given" }, { type: "service.removed" }], DeploymentState.UNSPECIFIED],
    ["progress alone", [progress, { type: "service.removed" }], DeploymentState.RUNNING],
    ["progress after it was queued", [queued, progress], DeploymentState.RUNNING],
    ["queued", [queued], DeploymentState.QUEUED],
    ["started", [queued, started], DeploymentState.RUNNING],
    ["finished", [started, failed], DeploymentState.FINISHED],
    ["rolled back", [started, failed, rolledBack], DeploymentState.ROLLED_BACK],
    ["queued anew", [started, succeeded, queued], DeploymentState.QUEUED],
    ["started anew", [started, succeeded, started], DeploymentState.RUNNING],
    [
      "other events after a life-cycle event",
      [started, progress, { type: "deployment.other" }],
      DeploymentState.RUNNING,
    ],
    ["a type that only looks like one", [started, { type: "deployment.finished2" }], DeploymentState.RUNNING],
    ["a batch, of which the last counts", [[queued, started, failed]], DeploymentState.FINISHED],
  ])("tells the state after %s", async (_, events: (EventInit | EventInit[])[], state) => {
    const deployment = await deploymentAfter(...events);

    expect(deployment.state).toBe(state);
  });

  test("tells the outcome and the time of the end, until it is started anew", async () => {
    const finished = await deploymentAfter(started, progress, failed, progress);
    const rolled = await deploymentAfter(started, failed, rolledBack);
    const again = await deploymentAfter(started, failed, started);
    const twice = await deploymentAfter(started, failed, succeeded);

    expect(finished).toMatchObject({ outcome: Outcome.FAILURE, startTime: at(1), finishTime: at(3) });
    expect(rolled).toMatchObject({ outcome: Outcome.FAILURE, startTime: at(1), finishTime: at(2) });
    expect(again).toMatchObject({ outcome: Outcome.UNSPECIFIED, startTime: at(3) });
    expect(again.finishTime).toBeUndefined();
    expect(twice).toMatchObject({ outcome: Outcome.SUCCESS, finishTime: at(3) });
  });

  test("has no start and no end before they come", async () => {
    const deployment = await deploymentAfter(queued);

    expect([deployment.startTime, deployment.finishTime]).toEqual([undefined, undefined]);
  });

  test("tells id, head, and the times of the first and the latest event", async () => {
    const deployment = await deploymentAfter(progress, [progress, progress], progress);

    expect(deployment).toMatchObject({
      deploymentId: deployment.expectedId,
      headSequence: 4n,
      createTime: at(1),
      updateTime: at(3),
    });
  });

  test("keeps the last value of environment, service and revision that is not empty", async () => {
    const deployment = await deploymentAfter(
      { ...progress, environment: "staging", service: "shop" },
      { ...progress, revision: "v1" },
      { ...progress, environment: "production" },
      progress,
    );

    expect(deployment).toMatchObject({ environment: "production", service: "shop", revision: "v1" });
  });

  test("never takes its update time back when the clock goes back, and what comes then is later than all before", async () => {
    const { expectedId: deploymentId } = await deploymentAfter(queued, progress, progress);

    timeUs = 1_000_000_000;
    const { event } = await service.client.call(createEvent, { event: { ...started, deploymentId } });
    const { deployment } = await service.client.call(getDeployment, { deploymentId });

    expect(event?.receiveTime).toMatchObject({ seconds: 1_000n, nanos: 1_000 });
    expect(deployment).toMatchObject({
      createTime: at(1),
      startTime: at(4),
      updateTime: at(3),
    });
  });

  test("stays finished when its start is delivered late, or again", async () => {
    const sent = (seconds: number) => ({
      sendTime: { seconds: BigInt(1_900 + seconds + secondsTo2026), nanos: 5_999 },
    });
    const deploymentId = newDeploymentId();
    timeUs = (2_000 + secondsTo2026) * 1_000_000;
    const record = (event: EventInit) => service.client.call(createEvent, { event: { ...event, deploymentId } });

    await record({ ...failed, ...sent(60), actor: "ann", commit: "c1", url: "https://ci.example/1" });
    await record({ ...started, ...sent(0), eventId: "started-1" });
    await record({ ...started, ...sent(0), eventId: "started-2", commitTime: { seconds: 7n, nanos: 1 } });
    const { deployment } = await service.client.call(getDeployment, { deploymentId });

    expect(deployment).toMatchObject({
      state: DeploymentState.FINISHED,
      outcome: Outcome.FAILURE,
      startTime: { seconds: BigInt(1_900 + secondsTo2026), nanos: 5_000 },
      finishTime: { seconds: BigInt(1_960 + secondsTo2026), nanos: 5_000 },
      failureTime: { seconds: BigInt(1_960 + secondsTo2026), nanos: 5_000 },
      actor: "ann",
      commit: "c1",
      commitTime: { seconds: 7n, nanos: 0 },
      url: "https://ci.example/1",
      historyHashSequence: 3n,
      historyHashFrom: 1n,
    });
    expect(deployment?.historyHash).toHaveLength(32);
  });

  test("tells since when it fails, and whether an incident is open", async () => {
    const [opened, resolved] = [{ type: "incident.opened" }, { type: "incident.resolved" }];

    expect(await deploymentAfter(succeeded, opened)).toMatchObject({ failureTime: at(2), incidentTime: at(2) });
    const closed = await deploymentAfter(succeeded, opened, resolved, { type: "service.removed" });
    expect(closed).toMatchObject({ failureTime: at(2), recoverTime: at(3), removeTime: at(4) });
    expect(closed.incidentTime).toBeUndefined();
  });

  test("does not change with a duplicate", async () => {
    const deploymentId = newDeploymentId();
    const event = newEvent({ deploymentId, type: "deployment.started" });
    const end = newEvent({ deploymentId, ...failed });

    for (const each of [event, end]) await service.client.call(createEvent, { event: each });
    const before = await service.client.call(getDeployment, { deploymentId });
    await service.client.call(createEvent, { event });
    const after = await service.client.call(getDeployment, { deploymentId });

    expect(after).toEqual(before);
  });

  test("says that a deployment does not exist", async () => {
    const deploymentId = newDeploymentId();

    const refusal = await refusalOf(service.client.call(getDeployment, { deploymentId }));

    expect(refusal).toMatchObject({
      code: "NOT_FOUND",
      reason: "DEPLOYMENT_NOT_FOUND",
      metadata: { deployment_id: deploymentId },
    });
  });

  test.each(["", "_a", "a/b"])("refuses the id %j", async (deploymentId) => {
    const refusal = await refusalOf(service.client.call(getDeployment, { deploymentId }));

    expect(refusal).toMatchObject({ reason: "REQUEST_INVALID", fields: ["deployment_id"] });
  });
});
