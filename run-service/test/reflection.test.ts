import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { Health, HealthCheckResponse_ServingStatus } from "@activity-events/proto/grpc/health/v1/health_pb.js";
import {
  ExtensionRequestSchema,
  type ServerReflectionRequest,
  ServerReflectionRequestSchema,
  ServerReflectionResponseSchema,
} from "@activity-events/proto/grpc/reflection/v1/reflection_pb.js";
import {
  askReflection,
  encode,
  reflectionPath,
  reflectionVersions,
  registryOf,
} from "@activity-events/testing/reflection-client";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { status } from "@grpc/grpc-js";
import { describe, expect, test } from "@jest/globals";
import { readRefusal } from "./read-refusal.ts";
import { serviceOfSuite, startService } from "./start-service.ts";

const services = [
  "activityevents.v1.ActivityEventsService",
  "activityevents.v1.ActivityEventsAdminService",
  "activityevents.ActivityEvents",
  "grpc.health.v1.Health",
];

describe.each(reflectionVersions)("server reflection %s", (version) => {
  const service = serviceOfSuite();

  test("lists all services", async () => {
    const [answer] = await askReflection(service.client, version, [{ listServices: "" }]);

    expect([...(answer?.services ?? [])].sort()).toEqual([...services].sort());
  });

  test.each(services)("describes %s with all that its file imports", async (name) => {
    const [answer] = await askReflection(service.client, version, [{ fileContainingSymbol: name }]);

    const described = registryOf(answer?.files ?? []).getService(name);
    expect(described?.methods.length).toBeGreaterThan(0);
  });

  test("describes the contract as it is", async () => {
    const [answer] = await askReflection(service.client, version, [
      { fileContainingSymbol: "activityevents.v1.ActivityEventsService" },
    ]);

    const registry = registryOf(answer?.files ?? []);
    const described = registry.getService(ActivityEventsService.typeName);
    expect(
      described?.methods.map(({ name, methodKind, input, output }) => [
        name,
        methodKind,
        input.typeName,
        output.typeName,
      ]),
    ).toEqual(
      ActivityEventsService.methods.map(({ name, methodKind, input, output }) => [
        name,
        methodKind,
        input.typeName,
        output.typeName,
      ]),
    );
    expect(
      registry.getMessage("activityevents.v1.Event")?.fields.map(({ name, number }) => [name, number]),
    ).toHaveLength(24);
  });

  test.each(["activityevents.v1.Event", "activityevents.v1.ActivityEventsService.CreateEvent", "google.rpc.ErrorInfo"])(
    "finds the file of %s",
    async (symbol) => {
      const [answer] = await askReflection(service.client, version, [{ fileContainingSymbol: symbol }]);

      expect(answer?.errorCode).toBeUndefined();
      expect(answer?.files.length).toBeGreaterThan(0);
    },
  );

  test("tells of extensions, such as those that annotate the contract", async () => {
    const ask = (messageRequest: ServerReflectionRequest["messageRequest"]) =>
      toBinary(ServerReflectionRequestSchema, create(ServerReflectionRequestSchema, { messageRequest }));
    const extension = (containingType: string, extensionNumber: number) =>
      ask({
        case: "fileContainingExtension",
        value: create(ExtensionRequestSchema, { containingType, extensionNumber }),
      });

    const reader = service.client.duplex(reflectionPath(version), [
      extension("google.protobuf.FieldOptions", 1052),
      extension("google.protobuf.FieldOptions", 1),
      ask({ case: "allExtensionNumbersOfType", value: "google.protobuf.EnumOptions" }),
      ask({ case: "allExtensionNumbersOfType", value: "activityevents.v1.Event" }),
    ]);
    reader.finish();
    const answers = (await reader.rest()).map((bytes) => fromBinary(ServerReflectionResponseSchema, bytes));

    const [first = new Uint8Array()] =
      answers[0]?.messageResponse.case === "fileDescriptorResponse"
        ? answers[0].messageResponse.value.fileDescriptorProto
        : [];
    expect(fromBinary(FileDescriptorProtoSchema, first).name).toBe("google/api/field_behavior.proto");
    expect(answers.slice(1).map(({ messageResponse }) => messageResponse)).toMatchObject([
      { case: "errorResponse", value: { errorCode: status.NOT_FOUND } },
      {
        case: "allExtensionNumbersResponse",
        value: { baseTypeName: "google.protobuf.EnumOptions", extensionNumber: [50501] },
      },
      { case: "errorResponse", value: { errorCode: status.NOT_FOUND } },
    ]);
  });

  test.each([
    "activityevents.v1.Event.message",
    "activityevents.v1.OUTCOME_SUCCESS",
    "activityevents.v1.StreamEventsResponse.frame",
    "activityevents.v1.error_domain",
    "grpc.health.v1.HealthCheckResponse.SERVING",
  ])("finds the file of %s, which is no type", async (symbol) => {
    const [answer] = await askReflection(service.client, version, [{ fileContainingSymbol: symbol }]);

    expect(answer?.errorCode).toBeUndefined();
    expect(answer?.files.length).toBeGreaterThan(0);
  });

  test("answers each of many questions on one stream, in their order", async () => {
    const answers = await askReflection(service.client, version, [
      { fileContainingSymbol: "no.such.Symbol" },
      { listServices: "*" },
      { fileByFilename: "activityevents/v1/event.proto" },
      { fileByFilename: "no.proto" },
    ]);

    expect(answers.map(({ errorCode }) => errorCode)).toEqual([
      status.NOT_FOUND,
      undefined,
      undefined,
      status.NOT_FOUND,
    ]);
    expect(answers[1]?.services).toHaveLength(services.length);
    expect(answers[2]?.files[0]?.name).toBe("activityevents/v1/event.proto");
  });

  test("refuses a message that cannot be decoded, and the service lives on", async () => {
    const rubbish = Buffer.from([0xff, 0xff, 0xff, 0xff]);

    const reader = service.client.duplex(reflectionPath(version), [
      encode({ listServices: "" }),
      rubbish,
      encode({ listServices: "" }),
    ]);
    const end = await reader.status;
    const health = await service.client.call(Health.method.check, {});

    expect(readRefusal(end)).toMatchObject({
      code: "INVALID_ARGUMENT",
      reason: "REQUEST_UNREADABLE",
      metadata: { method: reflectionPath(version) },
    });
    expect(health.status).toBe(HealthCheckResponse_ServingStatus.SERVING);
  });

  test("is not hurt by readers that go away", async () => {
    const readers = Array.from({ length: 20 }, () =>
      service.client.duplex(reflectionPath(version), [encode({ listServices: "" }), encode({ listServices: "" })]),
    );
    for (const reader of readers) reader.cancel();
    await Promise.all(readers.map((reader) => reader.status));

    const [answer] = await askReflection(service.client, version, [{ listServices: "" }]);

    expect(answer?.services).toHaveLength(services.length);
  });
});

// How much memory a process holds is read where Linux tells it.
const testOnLinux = process.platform === "linux" ? test : test.skip;

testOnLinux("a reader that asks and asks, and does not read, costs little memory", async () => {
  await using service = await startService();
  const question = { fileContainingSymbol: "activityevents.v1.ActivityEventsService" };
  await askReflection(service.client, "v1", [question]);
  const before = service.process.residentBytes();

  const reader = service.client.duplex(reflectionPath("v1"), Array(10_000).fill(encode(question)));
  for (let n = 0; n < 20; n += 1) await service.client.call(Health.method.check, {});
  const after = service.process.residentBytes();
  reader.cancel();

  // All the answers together are 250 MB.
  expect(after - before).toBeLessThan(64 * 1024 * 1024);
});
