import { gzipSync } from "node:zlib";
import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { Health } from "@activity-events/proto/grpc/health/v1/health_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type EmbeddedService, embedService } from "./embed-service.ts";
import { encodeCreateEventRequest, encodeEvent, unknownField } from "./encode-request.ts";
import { newEvent } from "./new-event.ts";
import { framed, RawConnection } from "./raw-connection.ts";

const { method } = ActivityEventsService;
const tooLarge = encodeCreateEventRequest(encodeEvent(newEvent(), unknownField(99, "x".repeat(4 * 1024 * 1024))));
const compressed = (message: Uint8Array) => Buffer.concat([Buffer.of(1), framed(message).subarray(1)]);
const empty = framed(Buffer.alloc(0));

describe("what is refused before a handler has it", () => {
  let service: EmbeddedService;
  let connection: RawConnection;

  beforeAll(async () => {
    service = await embedService();
    connection = new RawConnection(service.address);
    // Until it has answered one call, the service knows no reasons.
    await connection.call(methodPath(method.listDeployments), [empty]);
  });
  afterAll(async () => {
    await connection[Symbol.asyncDispose]();
    await service[Symbol.asyncDispose]();
  });

  test.each([methodPath(method.createEvent), methodPath(method.ingestEvents), methodPath(Health.method.watch)])(
    "says of a message over 4 MiB to %s how large one may be",
    async (path) => {
      const { refusal } = await connection.call(path, [framed(tooLarge)]);

      expect(refusal).toMatchObject({
        code: "RESOURCE_EXHAUSTED",
        reason: "REQUEST_TOO_LARGE",
        domain: "activityevents",
        metadata: { request_bytes_max: `${4 * 1024 * 1024}` },
      });
    },
  );

  test("says it of a message that is larger once it is decompressed", async () => {
    const headers = { "grpc-encoding": "gzip" };
    const { refusal } = await connection.call(methodPath(method.createEvent), [compressed(gzipSync(tooLarge))], {
      headers,
    });

    expect(refusal).toMatchObject({ code: "RESOURCE_EXHAUSTED", reason: "REQUEST_TOO_LARGE" });
  });

  test.each([
    "/activityevents.v1.ActivityEventsService/DeleteEvent",
    "/activityevents.v2.ActivityEventsService/CreateEvent",
    "/",
    "/toString",
    "/%ff%zz",
  ])("names the method that there is not, %s", async (path) => {
    const unary = await connection.call(path, [empty]);
    const open = await connection.call(path, [empty, empty, empty]);

    const named = encodeURI(path);
    expect(unary.refusal).toMatchObject({
      code: "UNIMPLEMENTED",
      reason: "METHOD_UNKNOWN",
      metadata: { method: named },
      message: `this server has no method ${named}`,
    });
    expect(open).toEqual(unary);
  });

  test.each([
    ["a compression that it does not know", { "grpc-encoding": "zip" }, compressed(Buffer.alloc(1)), "UNIMPLEMENTED"],
    ["what cannot be decompressed", { "grpc-encoding": "gzip" }, compressed(Buffer.alloc(1)), "INVALID_ARGUMENT"],
    ["a timeout that it cannot read", { "grpc-timeout": "soon" }, empty, "INTERNAL"],
    ["no message", {}, Buffer.alloc(0), "UNIMPLEMENTED"],
    ["two messages", {}, Buffer.concat([empty, empty]), "UNIMPLEMENTED"],
  ])("gives the reason for %s", async (_, headers, bytes, code) => {
    const path = methodPath(method.createEvent);

    const { refusal } = await connection.call(path, [bytes], { headers });

    expect(refusal).toMatchObject({ code, reason: "REQUEST_UNREADABLE", metadata: { method: path } });
  });

  test.each(["application/grpc-web", "application/grpc-web+proto", "application/grpc-web-text", "application/json"])(
    "is HTTP's 415 when it comes as %s",
    async (type) => {
      const answer = await connection.call(methodPath(method.listDeployments), [empty], {
        headers: { "content-type": type },
      });

      expect(answer).toMatchObject({ httpStatus: 415, code: undefined, messages: [] });
    },
  );

  test.each(["99999999H", "2592000S", "99999999M"])("is not a call with a timeout of %s", async (timeout) => {
    const { code } = await connection.call(methodPath(method.listDeployments), [empty], {
      headers: { "grpc-timeout": timeout },
    });

    expect(code).toBe(0);
  });
});
