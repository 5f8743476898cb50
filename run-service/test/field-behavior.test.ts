import {
  ActivityEventsService,
  BatchCreateEventsResponseSchema,
  CreateEventResponseSchema,
  IngestEventsResponseSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { type Event, EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { FieldBehavior } from "@activity-events/proto/google/api/field_behavior_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";
import { askReflection, registryOf } from "@activity-events/testing/reflection-client";
import type { ServiceClient } from "@activity-events/testing/service-client";
import {
  type DescMessage,
  type DescMethod,
  type FileRegistry,
  fromBinary,
  fromJson,
  getExtension,
  type JsonObject,
  type JsonValue,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { beforeAll, expect, test } from "@jest/globals";
import { v7 as uuidv7 } from "uuid";
import { refusalIn } from "./ingest-stream.ts";
import { readRefusal } from "./read-refusal.ts";
import { serviceOfSuite } from "./start-service.ts";

const service = serviceOfSuite();
let registry: FileRegistry;

beforeAll(async () => {
  const [answer] = await askReflection(service.client, "v1", [
    { fileContainingSymbol: ActivityEventsService.typeName },
  ]);
  registry = registryOf(answer?.files ?? []);
});

/** A request of each method that succeeds, for a deployment with the event `first`. */
const valid = (deploymentId: string): Readonly<Record<string, JsonObject>> => {
  const event = { event_id: uuidv7(), message: "m" };
  return {
    CreateEvent: { event: { ...event, deployment_id: deploymentId } },
    BatchCreateEvents: { deployment_id: deploymentId, events: [event] },
    IngestEvents: { events: [{ ...event, deployment_id: deploymentId }] },
    GetEvent: { deployment_id: deploymentId, event_id: "first" },
    ListEvents: { deployment_id: deploymentId },
    StreamEvents: { deployment_id: deploymentId },
    GetDeployment: { deployment_id: deploymentId },
    ListDeployments: {},
  };
};

test("every field of behavior REQUIRED is required, and its refusal names it", async () => {
  const checked: string[] = [];
  const deploymentId = await deploymentWithFirst();
  for (const method of methodsWithRequest()) {
    for (const path of pathsOf(method.input, FieldBehavior.REQUIRED)) {
      const request = structuredClone(requestOf(method, deploymentId));
      remove(request, path);

      const { status } = await ask(service.client, method, request);

      checked.push(`${method.name} ${path.join(".")}`);
      expect(readRefusal(status)).toMatchObject({
        code: "INVALID_ARGUMENT",
        reason: "REQUEST_INVALID",
        fields: [path.join(".")],
      });
    }
  }
  expect(checked).toEqual([
    "CreateEvent event",
    "BatchCreateEvents deployment_id",
    "BatchCreateEvents events",
    "IngestEvents events",
    "GetEvent deployment_id",
    "GetEvent event_id",
    "ListEvents deployment_id",
    "StreamEvents deployment_id",
    "GetDeployment deployment_id",
  ]);
});

test("every request that holds all fields of behavior REQUIRED is taken", async () => {
  const deploymentId = await deploymentWithFirst();
  for (const method of methodsWithRequest()) {
    const { status } = await ask(service.client, method, requestOf(method, deploymentId));

    expect([method.name, status.code]).toEqual([method.name, 0]);
  }
});

test("an event's deployment is required, except in a batch, which names it", async () => {
  const event = { message: "m" };

  const created = await ask(service.client, ActivityEventsService.method.createEvent, { event });
  const ingested = await ask(service.client, ActivityEventsService.method.ingestEvents, { events: [event] });

  expect(readRefusal(created.status).fields).toEqual(["event.deployment_id"]);
  const [acknowledgement] = ingested.messages.flatMap((bytes) => {
    const { frame } = fromBinary(IngestEventsResponseSchema, bytes);
    return frame.case === "acknowledgements" ? frame.value.acknowledgements : [];
  });
  expect(acknowledgement && refusalIn(acknowledgement).fields).toEqual(["event.deployment_id"]);
});

test.each(["CreateEvent", "BatchCreateEvents", "IngestEvents"])(
  "%s ignores every field of behavior OUTPUT_ONLY",
  async (name) => {
    const method = methodNamed(name);
    const checked: string[] = [];
    for (const path of pathsOf(method.input, FieldBehavior.OUTPUT_ONLY)) {
      const deploymentId = await deploymentWithFirst();
      const request = structuredClone(requestOf(method, deploymentId));
      const [eventField = "", field = ""] = path;
      const event = eventIn(request, eventField);
      const forged = forgeries[field];
      expect([path, forged]).toEqual([path, expect.anything()]);

      const { status } = await ask(service.client, method, {
        ...request,
        [eventField]: within({ ...event, [field]: forged as JsonValue }, request[eventField]),
      });
      const stored = await storedEvent(deploymentId, String(event.event_id));
      const again = await ask(service.client, method, request);

      checked.push(path.join("."));
      expect(status.code).toBe(0);
      expect(stored.sequence).toBe(2n);
      expect(toJson(EventSchema, stored, { useProtoFieldName: true })).not.toMatchObject({ [field]: forged });
      // It is no content either: the event without it is the same.
      expect(isDuplicate(method, again.messages)).toBe(true);
    }
    const prefix = name === "CreateEvent" ? "event" : "events";
    const fields = ["name", "sequence", "receive_time", "salt", "commitment", "principal"];
    expect(checked).toEqual(fields.map((field) => `${prefix}.${field}`));
  },
);

/** What a producer may try to say. */
const forgeries: Readonly<Record<string, JsonValue>> = {
  name: "deployments/other/events/other",
  sequence: "99",
  receive_time: "2001-01-01T00:00:00Z",
  salt: Buffer.alloc(16, 1).toString("base64"),
  commitment: Buffer.alloc(32, 1).toString("base64"),
  principal: "root@example.test",
};

function methodNamed(name: string): DescMethod {
  const method = registry.getService(ActivityEventsService.typeName)?.methods.find((each) => each.name === name);
  if (method === undefined) throw new Error(`the service does not tell of ${name}`);
  return method;
}

/** All methods but the watch, which does not end and requires nothing. */
function methodsWithRequest(): readonly DescMethod[] {
  const { methods = [] } = registry.getService(ActivityEventsService.typeName) ?? {};
  expect(pathsOf(methodNamed("WatchDeployments").input, FieldBehavior.REQUIRED)).toEqual([]);
  return methods.filter(({ name }) => name !== "WatchDeployments");
}

function requestOf({ name }: DescMethod, deploymentId: string): JsonObject {
  const request = valid(deploymentId)[name];
  if (request === undefined) throw new Error(`this test has no request of ${name}`);
  return request;
}

/** Paths of the fields with a behavior in a message and the messages within, by the annotations that the service tells. */
function pathsOf(message: DescMessage, behavior: FieldBehavior): readonly (readonly string[])[] {
  const annotation = registry.getExtension("google.api.field_behavior");
  if (annotation === undefined) throw new Error("the service does not tell of google.api.field_behavior");
  return message.fields.flatMap((field) => {
    const { options } = field.proto;
    const behaviors = options === undefined ? [] : (getExtension(options, annotation) as FieldBehavior[]);
    const own = behaviors.includes(behavior) ? [[field.name]] : [];
    const isOurs = field.message?.typeName.startsWith("activityevents.") === true;
    const inner = isOurs && field.message !== undefined ? pathsOf(field.message, behavior) : [];
    return [...own, ...inner.map((path) => [field.name, ...path])];
  });
}

function remove(request: JsonObject, [field = "", ...rest]: readonly string[]): void {
  if (rest.length === 0) delete request[field];
  else remove(request[field] as JsonObject, rest);
}

/** Sends one message and half-closes, whatever the method's kind: on the wire they are the same. */
async function ask(client: ServiceClient, method: DescMethod, request: JsonObject) {
  const reader = client.duplex(methodPath(method), [toBinary(method.input, fromJson(method.input, request))]);
  reader.finish();
  const messages: Buffer[] = [];
  await reader.until((message) => messages.push(message) < 0).catch(() => undefined);
  return { messages, status: await reader.status };
}

async function deploymentWithFirst(): Promise<string> {
  const deploymentId = uuidv7();
  await service.client.call(ActivityEventsService.method.createEvent, {
    event: { deploymentId, eventId: "first", message: "m" },
  });
  return deploymentId;
}

async function storedEvent(deploymentId: string, eventId: string): Promise<Event> {
  const { event } = await service.client.call(ActivityEventsService.method.getEvent, { deploymentId, eventId });
  if (event === undefined) throw new Error("there is no event");
  return event;
}

function eventIn(request: JsonObject, field: string): JsonObject {
  const value = request[field];
  return (Array.isArray(value) ? value[0] : value) as JsonObject;
}

function within(event: JsonObject, before: JsonValue | undefined): JsonValue {
  return Array.isArray(before) ? [event] : event;
}

function isDuplicate({ name }: DescMethod, messages: readonly Buffer[]): boolean | undefined {
  const [bytes = Buffer.alloc(0)] = messages.slice(-1);
  if (name === "CreateEvent") return fromBinary(CreateEventResponseSchema, bytes).duplicate;
  if (name === "BatchCreateEvents") return fromBinary(BatchCreateEventsResponseSchema, bytes).results[0]?.duplicate;
  const { frame } = fromBinary(IngestEventsResponseSchema, bytes);
  return frame.case === "acknowledgements" ? frame.value.acknowledgements[0]?.duplicate : undefined;
}
