import {
  HealthCheckRequestSchema,
  HealthCheckResponse_ServingStatus,
  HealthCheckResponseSchema,
} from "@activity-events/proto/grpc/health/v1/health_pb.js";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "@jest/globals";
import { Health } from "../src/application/health.ts";
import { healthNames } from "../src/grpc/methods.ts";
import { quickCheck } from "../src/grpc/quick-check.ts";

const { SERVING, NOT_SERVING } = HealthCheckResponse_ServingStatus;

function encode(service: string): Buffer {
  return Buffer.from(toBinary(HealthCheckRequestSchema, create(HealthCheckRequestSchema, { service })));
}

describe("a check that is answered before the contract is loaded", () => {
  test.each([...healthNames])("tells of %j, encoded as the contract does, whether the service serves", (service) => {
    const health = new Health();
    const check = quickCheck(health);

    const before = check(encode(service));
    health.drain();
    const after = check(encode(service));

    const [serving, draining] = [SERVING, NOT_SERVING].map((status) =>
      toBinary(HealthCheckResponseSchema, create(HealthCheckResponseSchema, { status })),
    );
    expect(before).toEqual(Buffer.from(serving as Uint8Array));
    expect(after).toEqual(Buffer.from(draining as Uint8Array));
    expect(fromBinary(HealthCheckResponseSchema, before as Buffer).status).toBe(SERVING);
  });

  test.each([
    ["names a service that is not here", encode("activity.v2.Unknown")],
    ["names a long service", encode("a".repeat(200))],
    ["has an unknown field", Buffer.concat([encode("grpc.health.v1.Health"), Buffer.from([0x10, 1])])],
    ["has its field twice", Buffer.concat([encode("a"), encode("grpc.health.v1.Health")])],
    ["is cut off", encode("grpc.health.v1.Health").subarray(0, -1)],
    ["is a single byte", Buffer.from([0x0a])],
    ["is rubbish", Buffer.from([0xff, 0xff])],
  ])("is left to the contract when it %s", (_, request) => {
    expect(quickCheck(new Health())(request)).toBeUndefined();
  });
});
