import { Severity } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { call, connect, disconnectAll, methods } from "@activity-events/testing/contract-client";
import { refusalIn } from "@activity-events/testing/refusal";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, expect, jest, test } from "@jest/globals";

// Takes seconds, but on a machine that is busy with other things it must not fail for that.
jest.setTimeout(300_000);

const callers = 200;

afterEach(async () => {
  disconnectAll();
  await cleanUp();
});

test("stores an event once that 200 callers create at the same time, and answers all of them OK", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  const clients = Array.from({ length: 8 }, () => connect(address));
  const event = { deploymentId: "release-42", eventId: "build-1", message: "built", labels: { team: "blue" } };

  const answers = await Promise.all(
    Array.from({ length: callers }, (_, caller) =>
      call(clientOf(clients, caller), methods.createEvent, {
        event: { ...event, sendTime: { seconds: BigInt(caller) } },
      }),
    ),
  );

  const [first] = answers.filter(({ duplicate }) => !duplicate);
  expect(answers.filter(({ duplicate }) => duplicate)).toHaveLength(callers - 1);
  expect(answers.map((answer) => answer.event)).toEqual(Array(callers).fill(first?.event));
  const { events } = await call(clientOf(clients, 0), methods.listEvents, { deploymentId: "release-42" });
  expect(events).toEqual([first?.event]);
  expect(events[0]?.sequence).toBe(1n);
});

test("stores one of 200 different contents under one id, and tells the other callers which fields differ", async () => {
  const { address } = await startService({ dataDir: temporaryFolder().path });
  const clients = Array.from({ length: 8 }, () => connect(address));
  const event = (caller: number) => ({
    deploymentId: "release-42",
    eventId: "build-1",
    message: `built by ${caller}`,
    severity: Severity.NOTICE,
    labels: { caller: `${caller}` },
  });

  const answers = await Promise.allSettled(
    Array.from({ length: callers }, (_, caller) =>
      call(clientOf(clients, caller), methods.createEvent, { event: event(caller) }),
    ),
  );

  const stored = answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
  const refused = answers.flatMap((answer) => (answer.status === "rejected" ? [refusalIn(answer.reason)] : []));
  expect(stored.map(({ duplicate }) => duplicate)).toEqual([false]);
  expect(refused).toHaveLength(callers - 1);
  for (const refusal of refused) {
    expect(refusal).toMatchObject({
      code: "ALREADY_EXISTS",
      reason: "EVENT_ID_CONFLICT",
      domain: "activityevents",
      metadata: { deployment_id: "release-42", event_id: "build-1", sequence: "1", fields: "message,labels" },
      fields: ["event"],
    });
  }
  const { events } = await call(clientOf(clients, 0), methods.listEvents, { deploymentId: "release-42" });
  expect(events).toEqual([stored[0]?.event]);
});

function clientOf<Client>(clients: readonly Client[], caller: number): Client {
  return clients[caller % clients.length] as Client;
}
