import { ActivityEventsClient } from "@activity-events/client";
import { EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { afterEach, expect, test } from "@jest/globals";
import { openAlteringProxy } from "./altering-proxy.ts";
import { recordHistory } from "./recorded-history.ts";
import { endClients, runClient } from "./running-client.ts";

afterEach(async () => {
  await endClients();
  await cleanUp();
});

const memoryService = () => startService({ dataDir: temporaryFolder().path, environment: { STORE: "memory" } });

test("finds no fault in what a service holds, whatever the events are made of", async () => {
  const { address } = await memoryService();
  await recordHistory(address);
  const client = new ActivityEventsClient({ address, tls: false });
  // Their orders in UTF-8 and in UTF-16 differ, and JavaScript moves keys that are numbers to the front.
  const keys = { "\u{1f600}": "a", "\uffff": "b", 10: "c", 9: "d", é: "e", "": "f", Z: "g" };
  const labels = Object.fromEntries(Object.entries(keys).filter(([key]) => key !== ""));
  await client.createEvent({
    event: { deploymentId: "k", message: "m", labels, data: { keys, list: [keys, null, 1.5] } },
  });
  // Fields 999 and 50, which nobody knows, a text and a group, before a known one.
  const unknown = Uint8Array.of(0xba, 0x3e, 2, 0x68, 0x69, 0x93, 3, 0x08, 1, 0x94, 3);
  const known = toBinary(EventSchema, create(EventSchema, { deploymentId: "k", message: "m", principal: "me" }));
  const event = fromBinary(EventSchema, Buffer.concat([unknown, known]));
  event.salt = new Uint8Array(3).fill(1);
  event.commitment = new Uint8Array(32);
  await client.createEvent({ event });
  for await (const one of client.ingestEvents([event, { deploymentId: "k", message: "n" }]))
    expect(one.event.deploymentId).toBe("k");
  client.close();

  const [all, one, json] = await Promise.all([
    runClient({ args: ["verify"], address }),
    runClient({ args: ["verify", "--deployment-id", "k"], address }),
    runClient({ args: ["verify", "--json"], address }),
  ]);

  const output = "2 deployments with 8 events verified: no faults; deleted ones were not looked at\n";
  expect(all).toEqual({ exitCode: 0, output, errors: "" });
  expect(one).toMatchObject({ exitCode: 0, output: "1 deployment with 4 events verified: no faults\n" });
  expect(JSON.parse(json.output)).toMatchObject({ deployments: 2, events: 8, faults: 0, withoutHistoryHash: 0 });
});

test("says NOT_FOUND of a deployment that is not there", async () => {
  const { address } = await memoryService();
  await recordHistory(address);

  const verified = await runClient({ args: ["verify", "--deployment-id", "d", "--deployment-id", "none"], address });

  expect(verified).toMatchObject({ exitCode: 3, output: "" });
  expect(verified.errors).toContain("DEPLOYMENT_NOT_FOUND: there is no deployment none");
});

test("takes no event for a fault that was appended after the head was read", async () => {
  const { address } = await memoryService();
  await recordHistory(address);
  await using proxy = await openAlteringProxy(address);
  const client = new ActivityEventsClient({ address, tls: false });
  proxy.alterations.ListDeployments = async (answer) => {
    await client.createEvent({ event: { deploymentId: "d", message: "meanwhile", environment: "dev" } });
    return answer;
  };

  const verified = await runClient({ args: ["verify"], address: proxy.address });

  client.close();
  expect(verified).toEqual({
    exitCode: 0,
    output: "1 deployment with 5 events verified: no faults; deleted ones were not looked at\n",
    errors: "",
  });
});
