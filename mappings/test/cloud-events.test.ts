import { Outcome, Severity } from "@activity-events/client";
import { expect, test } from "@jest/globals";
import { CloudEvent, HTTP } from "cloudevents";
import { type MappedEvent, mapCloudEvent, parseCloudEvents } from "../src/index.ts";
import { cdEvent, type Json, ownCloudEvent } from "./payloads.ts";

function map(headers: Readonly<Record<string, unknown>>, body: unknown): readonly MappedEvent[] {
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
  const bytes = Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  const mappings = parseCloudEvents({ headers: lower, body: bytes }).map(mapCloudEvent);
  return mappings.flatMap((mapping) => (mapping.kind === "events" ? mapping.events : []));
}
const structured = (event: unknown) => map({ "content-type": "application/cloudevents+json; charset=utf-8" }, event);

test("what the CloudEvents SDK sends is the same event in every mode", () => {
  const { traceparent: _, ...attributes } = ownCloudEvent;
  const event = new CloudEvent({ ...attributes, source: "/ci/shop", subject: "shöp 42" });
  const [binary, whole] = [HTTP.binary(event), HTTP.structured(event)];

  const [sent] = map(whole.headers, whole.body);
  expect(map(binary.headers, binary.body)).toEqual([sent]);
  expect(map({ "content-type": "application/cloudevents-batch+json" }, [JSON.parse(String(whole.body))])).toEqual([
    sent,
  ]);
  expect(sent).toMatchObject({ deploymentId: "sh~C3~B6p~2042", type: "deployment.finished", outcome: Outcome.SUCCESS });
});

test("an event of ours has its fields in data", () => {
  expect(structured(ownCloudEvent)).toEqual([
    {
      deploymentId: "shop-42",
      eventId: "-:~2Fci~2Fshop:1",
      type: "deployment.finished",
      outcome: Outcome.SUCCESS,
      severity: Severity.NOTICE,
      message: "done",
      sendTime: expect.objectContaining({ nanos: 0 }),
      source: "/ci/shop",
      environment: "production",
      service: "shop",
      url: "https://ci.example/1",
      labels: { wave: "1" },
      data: { took: 5 },
      traceParent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    },
  ]);
});

test("what the mirror sent keeps its id, and what readers fill in is left out", () => {
  const data = {
    name: "deployments/shop-42/events/e1",
    eventId: "e1",
    deploymentId: "shop-42",
    sequence: "3",
    type: "com.example.thing",
    receiveTime: "2026-11-28T10:00:00Z",
    source: "/first",
    message: "hello",
    salt: "AAAA",
  };
  const event = {
    ...ownCloudEvent,
    id: "e1",
    source: "//activityevents/deployments/shop-42",
    type: "com.example.thing",
    data,
  };

  expect(structured(event)).toMatchObject([
    { eventId: "e1", type: "com.example.thing", message: "hello", source: "/first" },
  ]);
});

test.each<[string, Json, Json]>([
  ["an object", { any: [1] }, { any: [1] }],
  ["a text", "text", { value: "text" }],
  ["a list", [1], { value: [1] }],
])("the data of another type is kept: %s", (_, data, kept) => {
  expect(structured({ ...ownCloudEvent, type: "com.example.thing", data })).toMatchObject([
    { type: "com.example.thing", data: kept },
  ]);
});

test("data that is no JSON is kept as text or Base64", () => {
  const headers = { "ce-specversion": "1.0", "ce-id": "1", "ce-source": "/s", "ce-type": "t", "ce-subject": "d" };

  expect(map({ ...headers, "content-type": "text/plain" }, "hello")).toMatchObject([{ data: { value: "hello" } }]);
  expect(map({ ...headers, "content-type": "application/octet-stream" }, "hi")).toMatchObject([
    { data: { base64: "aGk=" } },
  ]);
  expect(
    structured({ ...ownCloudEvent, type: "t", data: undefined, datacontenttype: "text/xml", data_base64: "PHhtbC8+" }),
  ).toMatchObject([{ data: { value: "<xml/>" } }]);
});

test("a header that is no percent encoding is taken as it is", () => {
  const headers = { "ce-specversion": "1.0", "ce-id": "100%", "ce-source": "/s", "ce-type": "t", "ce-subject": "d" };

  expect(map(headers, "")).toMatchObject([{ eventId: "-:~2Fs:100~25" }]);
});

test("ids of two sources differ, and so do parts that would run together", () => {
  const idOf = (source: string, id: string) => structured({ ...ownCloudEvent, source, id })[0]?.eventId;
  const ids = [idOf("/a", "1"), idOf("/b", "1"), idOf("/a", "b:1"), idOf("/a:b", "1")];

  expect(new Set(ids).size).toBe(ids.length);
});

const deployed = (kind: string, content: Json) =>
  structured(cdEvent(kind, { id: "run/77", source: "/ci/shop", content }));

test.each([
  ["pipelinerun.queued", {}, "deployment.queued", undefined],
  ["pipelinerun.started", {}, "deployment.started", undefined],
  ["pipelinerun.finished", { outcome: "success" }, "deployment.finished", Outcome.SUCCESS],
  ["pipelinerun.finished", { outcome: "failure" }, "deployment.finished", Outcome.FAILURE],
  ["pipelinerun.finished", { outcome: "cancel" }, "deployment.finished", Outcome.CANCELED],
  ["pipelinerun.finished", { outcome: "error" }, "deployment.finished", Outcome.ERROR],
  ["pipelinerun.finished", { errors: "stage failed" }, "deployment.finished", Outcome.FAILURE],
  ["pipelinerun.finished", {}, "deployment.finished", Outcome.ERROR],
])("the CDEvent %s %j is %s", (kind, content, type, outcome) => {
  const [event] = deployed(kind, { pipelineName: "shop", uri: "https://ci.example/77", ...content });

  expect(event).toMatchObject({
    deploymentId: "cdevents:~2Fci~2Fshop:run~2F77",
    type,
    service: "shop",
    url: "https://ci.example/77",
    sendTime: { nanos: 123_456_789 },
  });
  expect(event?.outcome).toBe(outcome);
});

test("a task belongs to its pipeline's run, and a deployed service is a deployment of its own", () => {
  const run = { id: "run/77", source: "/ci/shop" };

  expect(deployed("taskrun.finished", { taskName: "smoke", pipelineRun: run, outcome: "success" })).toMatchObject([
    { deploymentId: "cdevents:~2Fci~2Fshop:run~2F77", type: "deployment.progress", message: "smoke finished: success" },
  ]);
  expect(deployed("taskrun.finished", {})).toEqual([]);
  expect(
    structured(
      cdEvent("service.deployed", {
        id: "service/shop",
        content: { environment: { id: "production" }, artifactId: "pkg:oci/shop" },
      }),
    ),
  ).toMatchObject([
    {
      deploymentId: "cdevents:~2Fci~2Facme:5b1b6e5e",
      outcome: Outcome.SUCCESS,
      service: "shop",
      revision: "pkg:oci/shop",
    },
  ]);
});

test("a CDEvent may come without an envelope", () => {
  const { data } = cdEvent("pipelinerun.started", { id: "run/77" });

  expect(map({ "content-type": "application/json" }, data)).toEqual(
    structured(cdEvent("pipelinerun.started", { id: "run/77" })),
  );
  expect(() => map({ "content-type": "application/json" }, { context: { type: "x" } })).toThrow(/^content-type: /);
});
