import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { Health, HealthCheckRequestSchema } from "@activity-events/proto/grpc/health/v1/health_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";
import { create, toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "@jest/globals";
import { framed, RawConnection } from "./raw-connection.ts";
import { reflectionPath, reflectionVersions } from "./reflection-client.ts";
import { startService } from "./start-service.ts";

const checkPath = methodPath(Health.method.check);

describe("the process", () => {
  test("outlives a check of a service whose name is cut within an emoji", async () => {
    await using service = await startService();
    await using connection = new RawConnection(service.address);

    for (let length = 80; length <= 100; length += 1) {
      const name = create(HealthCheckRequestSchema, { service: "😀".repeat(length) });
      const { refusal } = await connection.call(checkPath, [framed(toBinary(HealthCheckRequestSchema, name))]);

      expect(refusal).toMatchObject({ code: "NOT_FOUND", reason: "SERVICE_UNKNOWN" });
      expect(refusal?.message.isWellFormed()).toBe(true);
    }
  });

  test.each([
    ["a path of bytes that are no ASCII", { ":path": "/\u00e9\u00ff/x" }],
    ["a path of percent signs", { ":path": "/%ff%zz/%" }],
    ["a long path", { ":path": `/${"x".repeat(8_000)}` }],
    ["a timeout that is none", { "grpc-timeout": "soon\u00ff" }],
    ["a compression that nobody knows", { "grpc-encoding": "\u00ffzip" }],
    ["a binary header that is no Base64", { "x-bin": "%%%" }],
    ["a header with bytes that are no ASCII", { "x-name": "\u00ff" }],
  ])("outlives %s", async (_, headers) => {
    await using service = await startService();
    await using connection = new RawConnection(service.address);
    const compressed = Buffer.concat([Buffer.from([1, 0, 0, 0, 1]), Buffer.from([0])]);

    for (const piece of [framed(Buffer.alloc(0)), compressed]) {
      await connection.call(checkPath, [piece], { headers });
    }

    const { code } = await connection.call(checkPath, [framed(Buffer.alloc(0))]);
    expect(code).toBe(0);
  });
});
