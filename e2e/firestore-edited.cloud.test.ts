import { atEnd, closeAll, startCloud } from "@activity-events/testing/cloud-stack";
import { call, connect, disconnectAll, methods, read } from "@activity-events/testing/contract-client";
import { refusalOf } from "@activity-events/testing/refusal";
import { Firestore } from "@google-cloud/firestore";
import { afterEach, expect, test } from "@jest/globals";

afterEach(async () => {
  disconnectAll();
  await closeAll();
});

test("an event that somebody edited in Firestore is DATA_LOSS for all who meet it, stops appends, and disturbs nobody else", async () => {
  const { addresses, projectId } = await startCloud({ services: 1 });
  const client = connect(addresses[0] ?? "");
  const create = (deploymentId: string, eventId: string) =>
    call(client, methods.createEvent, { event: { deploymentId, eventId, message: "built" } });
  for (const eventId of ["a", "b", "c"]) await create("d", eventId);
  await create("e", "a");
  const streamed: string[] = [];
  const stream = async () => {
    for await (const { frame } of read(client, methods.streamEvents, { deploymentId: "d", follow: true })) {
      if (frame.case === "events")
        streamed.push(...frame.value.events.map(({ eventId }: { readonly eventId: string }) => eventId));
    }
  };

  const firestore = new Firestore({ projectId });
  atEnd(() => firestore.terminate());
  const document = firestore.doc("deployments/d/events/b");
  const content = Buffer.from((await document.get()).get("content"));
  await document.update({ content: Buffer.from(content.toString("latin1").replace("built", "burnt"), "latin1") });

  const refused = {
    code: "DATA_LOSS",
    reason: "STORE_DAMAGED",
    metadata: { deployment_id: "d", sequence: "2" },
  };
  expect(await refusalOf(call(client, methods.getEvent, { deploymentId: "d", eventId: "b" }))).toMatchObject(refused);
  expect(await refusalOf(stream())).toMatchObject(refused);
  expect(streamed).toEqual(["a"]);
  const { events, nextPageToken } = await call(client, methods.listEvents, { deploymentId: "d" });
  expect(events.map(({ eventId }) => eventId)).toEqual(["a"]);
  const nextPage = call(client, methods.listEvents, { deploymentId: "d", pageToken: nextPageToken });
  expect(await refusalOf(nextPage)).toMatchObject(refused);
  expect(await refusalOf(create("d", "b"))).toMatchObject(refused);
  expect(await refusalOf(create("d", "new"))).toMatchObject(refused);
  expect(await create("e", "new")).toMatchObject({ event: { sequence: 2n } });
  expect(await call(client, methods.getDeployment, { deploymentId: "d" })).toMatchObject({
    deployment: { headSequence: 3n },
  });
});
