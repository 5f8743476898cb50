import { ActivityEventsClient } from "@activity-events/client";
import {
  GetDeploymentResponseSchema,
  ListDeploymentsResponseSchema,
  ListEventsRequestSchema,
  ListEventsResponseSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import type { Deployment } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import { type Event, EventSchema, Outcome } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { emptyHistory, withEvent } from "../../../client/src/verify/history-hash.ts";
import { receivedEvent } from "../../../client/src/verify/received-event.ts";
import { type Alter, type AlteringProxy, edited, openAlteringProxy } from "./altering-proxy.ts";
import { damagedAnswer } from "./damaged-answer.ts";
import { recordHistory } from "./recorded-history.ts";
import { endClients, runClient } from "./running-client.ts";

let service: Awaited<ReturnType<typeof startService>>;
let proxy: AlteringProxy;

beforeAll(async () => {
  service = await startService({ dataDir: temporaryFolder().path, environment: { STORE: "memory" } });
  await recordHistory(service.address);
});
beforeEach(async () => {
  proxy = await openAlteringProxy(service.address);
});
afterEach(async () => {
  await endClients();
  await proxy[Symbol.asyncDispose]();
});
afterAll(cleanUp);

const faultsOf = (output: string) =>
  output
    .trimEnd()
    .split("\n")
    .slice(0, -1)
    .map((row) => row.split("\t").slice(0, 3).join(" ").trimEnd());

const events = (edit: (events: Event[]) => void): Record<string, Alter> => ({
  ListEvents: edited(ListEventsResponseSchema, (page) => edit(page.events)),
});
/** Undefined: every event. */
const event = (sequence: bigint | undefined, edit: (event: Event) => void) =>
  events((all) => all.filter((one) => one.sequence === (sequence ?? one.sequence)).forEach(edit));
const head = (edit: (head: Deployment) => void): Record<string, Alter> => ({
  ListDeployments: edited(ListDeploymentsResponseSchema, (page) => page.deployments.forEach(edit)),
  GetDeployment: edited(GetDeploymentResponseSchema, ({ deployment }) => deployment && edit(deployment)),
});

const noHash = { historyHash: new Uint8Array(), historyHashSequence: 0n, historyHashFrom: 0n };
const all = (kind: string, ...sequences: readonly number[]) => sequences.map((sequence) => `d ${kind} ${sequence}`);

test.each<[string, Record<string, Alter>, readonly string[]]>([
  ["alters a message", event(2n, (one) => Object.assign(one, { message: "hale" })), ["d HISTORY_HASH"]],
  ["alters a label", event(2n, (one) => Object.assign(one.labels, { a: "2" })), ["d HISTORY_HASH"]],
  ["alters a salt", event(2n, ({ salt }) => salt.set([(salt[0] ?? 0) ^ 1])), ["d HISTORY_HASH"]],
  ["alters a send time", event(4n, ({ sendTime }) => Object.assign(sendTime ?? {}, { nanos: 8 })), ["d HISTORY_HASH"]],
  ["adds a send time", event(3n, (one) => Object.assign(one, { sendTime: one.receiveTime })), ["d HISTORY_HASH"]],
  ["adds a principal", event(3n, (one) => Object.assign(one, { principal: "me" })), ["d HISTORY_HASH"]],
  [
    "alters a receive time",
    event(2n, ({ receiveTime: time }) => Object.assign(time ?? {}, { seconds: (time?.seconds ?? 0n) - 1n })),
    ["d HISTORY_HASH"],
  ],
  [
    "alters the first receive time",
    event(1n, ({ receiveTime: time }) => Object.assign(time ?? {}, { seconds: (time?.seconds ?? 0n) - 1n })),
    ["d HEAD", "d HEAD", "d HISTORY_HASH"],
  ],
  [
    "sends parts of a microsecond",
    event(2n, ({ receiveTime: time }) => Object.assign(time ?? {}, { nanos: (time?.nanos ?? 0) + 1 })),
    ["d EVENT_TIME 2"],
  ],
  ["drops the last event", events((all) => all.pop()), ["d EVENT_MISSING 4"]],
  ["drops an event", events((all) => all.splice(1, 1)), ["d EVENT_MISSING 2"]],
  ["drops all events", events((all) => all.splice(0)), ["d EVENT_MISSING 1"]],
  ["repeats an event", events((all) => all.splice(1, 0, ...all.slice(1, 2))), ["d EVENT_OUT_OF_ORDER 2"]],
  [
    "names an event of another deployment",
    event(2n, (one) => Object.assign(one, { deploymentId: "other" })),
    ["d EVENT_NAMES 2"],
  ],
  [
    "names an event otherwise",
    event(2n, (one) => Object.assign(one, { name: "deployments/d/events/x" })),
    ["d EVENT_NAMES 2"],
  ],
  [
    "gives two events one id",
    event(2n, (one) => Object.assign(one, { eventId: "e1", name: "deployments/d/events/e1" })),
    ["d EVENT_ID_TWICE 2", "d HISTORY_HASH"],
  ],
  ["takes the salt away", event(3n, (one) => Object.assign(one, { salt: new Uint8Array() })), ["d EVENT_UNPROVED 3"]],
  ["shortens a salt", event(3n, (one) => Object.assign(one, { salt: one.salt.slice(1) })), ["d EVENT_UNPROVED 3"]],
  [
    "hides the hash, and lengthens a salt",
    {
      ...event(3n, (one) => Object.assign(one, { salt: new Uint8Array(17) })),
      ...head((one) => Object.assign(one, noHash)),
    },
    ["d HISTORY_HASH 1", "d HISTORY_HASH 2", "d EVENT_UNPROVED 3", "d HISTORY_HASH 3", "d HISTORY_HASH 4"],
  ],
  [
    "sends a commitment that is cut in place of a salt",
    event(3n, (one) => Object.assign(one, { salt: new Uint8Array(), commitment: new Uint8Array(31) })),
    ["d EVENT_UNPROVED 3"],
  ],
  ["alters the hash", head(({ historyHash }) => historyHash.fill(1, 31)), ["d HISTORY_HASH"]],
  ["cuts the hash", head((one) => Object.assign(one, { historyHash: new Uint8Array(31) })), ["d HISTORY_HASH"]],
  ["hides the hash", head((one) => Object.assign(one, noHash)), all("HISTORY_HASH", 1, 2, 3, 4)],
  [
    "lets the hash begin later",
    head((one) => Object.assign(one, { historyHashFrom: 2n })),
    ["d HISTORY_HASH 1", "d HISTORY_HASH"],
  ],
  ["lets the hash end beyond", head((one) => Object.assign(one, { historyHashSequence: 5n })), ["d HISTORY_HASH"]],
  ["counts an event too many", head((one) => Object.assign(one, { headSequence: 5n })), ["d EVENT_MISSING 5"]],
  ["turns the outcome", head((one) => Object.assign(one, { outcome: Outcome.FAILURE })), ["d HEAD"]],
  ["turns the environment", head((one) => Object.assign(one, { environment: "dev" })), ["d HEAD"]],
  ["hides a failure's time", head((one) => Object.assign(one, { failureTime: one.createTime })), ["d HEAD"]],
  ["shows another update time", head((one) => Object.assign(one, { updateTime: one.createTime })), ["d HEAD"]],
  ["shows no create time", head((one) => Object.assign(one, { createTime: undefined })), ["d HEAD"]],
  [
    "names a deployment twice",
    {
      ListDeployments: edited(ListDeploymentsResponseSchema, (page) => {
        page.deployments.push(...page.deployments);
      }),
    },
    ["d LIST_ORDER"],
  ],
])("finds a service that %s", async (_, alterations, faults) => {
  Object.assign(proxy.alterations, alterations);

  const verified = await runClient({ args: ["verify"], address: proxy.address });

  expect(faultsOf(verified.output)).toEqual(faults);
  expect(verified).toMatchObject({ exitCode: 8, errors: "" });
});

test("finds an event whose salt takes in what stood behind it, so that one commitment is of two contents", async () => {
  proxy.alterations.ListEvents = (answer) => {
    const page = fromBinary(ListEventsResponseSchema, answer);
    for (const one of page.events.filter(({ sequence }) => sequence === 2n)) {
      const { salt, eventId } = one;
      const length = Buffer.alloc(8);
      length.writeBigInt64BE(BigInt(eventId.length));
      Object.assign(one, { salt: Buffer.concat([salt, length, Buffer.from(eventId)]) });
    }
    return toBinary(ListEventsResponseSchema, page);
  };

  const { exitCode, output } = await runClient({ args: ["verify"], address: proxy.address });

  expect(output).toContain("d\tEVENT_UNPROVED\t2\tevent 2 has a salt of 26 bytes; expected 16\n");
  expect(exitCode).toBe(8);
});

test("finds an event that shows its true commitment in place of its salt, and compares the head all the same", async () => {
  proxy.alterations.ListEvents = (answer) => {
    const page = fromBinary(ListEventsResponseSchema, answer);
    for (const one of page.events.filter(({ sequence }) => sequence === 3n)) {
      const { commitment } = receivedEvent(toBinary(EventSchema, one));
      Object.assign(one, { salt: new Uint8Array(), message: "", commitment });
    }
    return toBinary(ListEventsResponseSchema, page);
  };
  Object.assign(
    proxy.alterations,
    head((one) => Object.assign(one, { environment: "dev" })),
  );

  const { exitCode, output } = await runClient({ args: ["verify"], address: proxy.address });

  expect(faultsOf(output)).toEqual(["d EVENT_EMPTIED 3", "d HEAD"]);
  expect(exitCode).toBe(8);
});

test("counts deployments that have no history hash, and finds no fault in that", async () => {
  const older = event(undefined, (one) => Object.assign(one, { salt: new Uint8Array(16) }));
  const itsHead = head((one) => Object.assign(one, noHash, { outcome: Outcome.FAILURE }));
  Object.assign(proxy.alterations, older, itsHead);

  const verified = await runClient({ args: ["verify"], address: proxy.address });

  const output =
    "1 deployment with 4 events verified: no faults; 1 without a history hash; deleted ones were not looked at\n";
  expect(verified).toEqual({ exitCode: 0, output, errors: "" });
});

test("goes on behind an event of which the service says that it is damaged", async () => {
  const client = new ActivityEventsClient({ address: service.address, tls: false });
  const [first, behind] = await Promise.all(
    [1, 2].map((pageSize) => client.readEncodedEvents({ deploymentId: "d", pageSize })),
  );
  client.close();
  const metadata = { deployment_id: "d", sequence: "2", next_page_token: behind?.nextPageToken ?? "" };
  proxy.alterations.ListEvents = (answer, request) => {
    const { pageToken } = fromBinary(ListEventsRequestSchema, request);
    if (pageToken === first?.nextPageToken) throw damagedAnswer("event 2 is damaged", metadata);
    if (pageToken !== "") return answer;
    const page = fromBinary(ListEventsResponseSchema, answer);
    page.events.splice(1);
    return toBinary(ListEventsResponseSchema, { ...page, nextPageToken: first?.nextPageToken ?? "" });
  };

  const { exitCode, output } = await runClient({ args: ["verify"], address: proxy.address });

  expect(output).toBe(
    "d\tSTORE_DAMAGED\t2\tevent 2 is damaged\n1 deployment with 3 events verified: 1 fault in 1 deployment; deleted ones were not looked at\n",
  );
  expect(exitCode).toBe(8);
});

test("finds a service that shows an earlier hash and alters what follows", async () => {
  const client = new ActivityEventsClient({ address: service.address, tls: false });
  const { items } = await client.readEncodedEvents({ deploymentId: "d" });
  client.close();
  let historyHash = emptyHistory("d");
  for (const { event, receiveTimeUs = 0n, commitment = new Uint8Array() } of items.slice(0, 2).map(receivedEvent)) {
    historyHash = withEvent(historyHash, { sequence: event.sequence, receiveTimeUs, commitment });
  }
  const altered = event(3n, (one) => Object.assign(one, { message: "least" }));
  Object.assign(
    proxy.alterations,
    altered,
    head((one) => Object.assign(one, { historyHash, historyHashSequence: 2n })),
  );

  const { exitCode, output } = await runClient({ args: ["verify"], address: proxy.address });

  expect(faultsOf(output)).toEqual(all("HISTORY_HASH", 3, 4));
  expect(exitCode).toBe(8);
});

test("names an event that cannot be decoded, and goes on behind it", async () => {
  proxy.alterations.ListEvents = (answer) => {
    // A byte of "half" that UTF-8 does not have.
    answer[answer.indexOf("half")] = 0xff;
    return answer;
  };

  const { exitCode, output } = await runClient({ args: ["verify"], address: proxy.address });

  expect(faultsOf(output)).toEqual(["d EVENT_UNREADABLE 2"]);
  expect(exitCode).toBe(8);
});

test("finds a service that answers an older head than the events that it sends", async () => {
  const { address } = service;
  const client = new ActivityEventsClient({ address, tls: false });
  await client.createEvent({ event: { deploymentId: "older", message: "first" } });
  const older = await client.getDeployment({ deploymentId: "older" });
  await client.createEvent({ event: { deploymentId: "older", message: "second" } });
  client.close();
  Object.assign(
    proxy.alterations,
    head((one) => Object.assign(one, older)),
  );

  const args = ["verify", "--json", "--deployment-id", "older"];
  const { exitCode, output } = await runClient({ args, address: proxy.address });

  expect(
    output
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line)),
  ).toEqual([
    {
      fault: "HEAD",
      deploymentId: "older",
      description: "the head counts 1 events, but event 2 was sent before",
    },
    {
      deployments: 1,
      events: 2,
      faults: 1,
      faultyDeployments: 1,
      withoutHistoryHash: 0,
      purged: 0,
    },
  ]);
  expect(exitCode).toBe(8);
});

test("finds a service that says of its events, and of its deployments, that there are more, for ever", async () => {
  const client = new ActivityEventsClient({ address: service.address, tls: false });
  await client.createEvent({ event: { deploymentId: "another", message: "m" } });
  const { nextPageToken } = await client.readEncodedEvents({ deploymentId: "d", pageSize: 1 });
  const { nextPageToken: nextList } = await client.readDeployments({ pageSize: 1 });
  client.close();
  proxy.alterations.ListEvents = edited(ListEventsResponseSchema, (page) => {
    page.events.length = Math.min(page.events.length, 3);
    Object.assign(page, { nextPageToken });
  });
  const events = await runClient({ args: ["verify", "--deployment-id", "d"], address: proxy.address });
  delete proxy.alterations.ListEvents;
  proxy.alterations.ListDeployments = edited(ListDeploymentsResponseSchema, (page) => {
    Object.assign(page, { nextPageToken: nextList });
  });
  const deployments = await runClient({ args: ["verify"], address: proxy.address });

  expect(faultsOf(events.output)).toEqual(["d EVENT_OUT_OF_ORDER 2", "d EVENT_OUT_OF_ORDER 3", "d LIST_ENDLESS"]);
  expect(events.exitCode).toBe(8);
  expect(faultsOf(deployments.output)).toContain(" LIST_ENDLESS");
  expect(deployments.exitCode).toBe(8);
}, 20_000);
