import { gzipSync } from "node:zlib";
import {
  ActivityEventsService,
  IngestEventsResponseSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { Health } from "@activity-events/proto/grpc/health/v1/health_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";
import { reflectionPath } from "@activity-events/testing/reflection-client";
import { create, type DescMethod, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type EmbeddedService, embedService } from "./embed-service.ts";
import { acknowledgementsOf } from "./ingest-stream.ts";
import { newDeploymentId, newEvent } from "./new-event.ts";
import { framed, type RawAnswer, RawConnection } from "./raw-connection.ts";

const { createEvent, getDeployment, ingestEvents, listDeployments } = ActivityEventsService.method;

function requestOf<M extends DescMethod>(method: M, request: MessageInitShape<M["input"]>): Buffer {
  return framed(toBinary(method.input, create(method.input, request)));
}

const ordinalsOf = ({ messages }: RawAnswer) =>
  messages
    .flatMap((bytes) => acknowledgementsOf(fromBinary(IngestEventsResponseSchema, bytes)))
    .map(({ ordinal }) => Number(ordinal));

describe("what a request is not", () => {
  let service: EmbeddedService;
  let connection: RawConnection;
  beforeAll(async () => {
    service = await embedService();
    connection = new RawConnection(service.address);
    await connection.call(methodPath(listDeployments), [framed(Buffer.alloc(0))]);
  });
  afterAll(async () => {
    await connection[Symbol.asyncDispose]();
    await service[Symbol.asyncDispose]();
  });

  const unreadable = (method: string) => ({
    code: "INVALID_ARGUMENT",
    reason: "REQUEST_UNREADABLE",
    metadata: { method },
  });

  test.each([1, 4, 5, 9])(
    "a call that ends %i bytes after its message began is refused, and so is one of more",
    async (bytes) => {
      const path = methodPath(createEvent);
      const event = newEvent();
      const whole = requestOf(createEvent, { event });

      const short = await connection.call(path, [whole.subarray(0, bytes)]);
      const long = await connection.call(path, [whole, whole.subarray(0, bytes)]);

      expect([short.refusal, long.refusal]).toMatchObject([unreadable(path), unreadable(path)]);
      const { deploymentId } = event;
      await expect(service.client.call(getDeployment, { deploymentId })).rejects.toThrow("there is no deployment");
    },
  );

  test.each([1, 4, 5, 9])(
    "a stream that ends %i bytes after a message began is told of those before, and refused",
    async (bytes) => {
      const path = methodPath(ingestEvents);
      const message = () => requestOf(ingestEvents, { events: [newEvent(), newEvent()] });

      const after = await connection.call(path, [Buffer.concat([message(), message(), message().subarray(0, bytes)])]);
      const alone = await connection.call(path, [message().subarray(0, bytes)]);

      expect(ordinalsOf(after)).toEqual([1, 2, 3, 4]);
      expect([after.refusal, alone.refusal]).toMatchObject([unreadable(path), unreadable(path)]);
    },
  );

  test("a stream with a message that cannot be inflated is told of those before, and refused", async () => {
    const path = methodPath(ingestEvents);
    const deploymentId = newDeploymentId();
    const plain = requestOf(ingestEvents, { events: [newEvent({ deploymentId })] });
    const whole = gzipSync(plain.subarray(5));
    const zipped = (bytes: Uint8Array) => Buffer.concat([Buffer.of(1), framed(bytes).subarray(1)]);

    for (const damaged of [whole.subarray(0, 20), Buffer.from("no gzip"), Buffer.alloc(0)]) {
      const answer = await connection.call(path, [Buffer.concat([plain, zipped(whole), zipped(damaged), plain])], {
        headers: { "grpc-encoding": "gzip" },
      });

      expect(ordinalsOf(answer)).toEqual([1, 2]);
      expect(answer.refusal).toMatchObject(unreadable(path));
    }
  });

  test.each([reflectionPath("v1"), methodPath(Health.method.watch)])(
    "a request to %s that is cut is refused",
    async (path) => {
      const { refusal } = await connection.call(path, [Buffer.from([0, 0, 0])]);

      expect(refusal).toMatchObject(unreadable(path));
    },
  );

  test.each([2, 128, 255])("a message of flag %i is refused", async (flag) => {
    const message = requestOf(createEvent, { event: newEvent() });

    const { refusal } = await connection.call(methodPath(createEvent), [Buffer.of(flag), message.subarray(1)]);

    expect(refusal).toMatchObject({ code: "INVALID_ARGUMENT", reason: "REQUEST_UNREADABLE" });
  });

  test.each(["PUT", "OPTIONS"])("%s is HTTP's 415", async (verb) => {
    const { httpStatus } = await connection.call(
      methodPath(createEvent),
      [requestOf(createEvent, { event: newEvent() })],
      {
        headers: { ":method": verb },
      },
    );

    expect(httpStatus).toBe(415);
  });

  test.each(["-1S", "1", "S", "1 S", "123456789S", "1S1S"])("a timeout of %s is refused", async (timeout) => {
    const { refusal } = await connection.call(methodPath(listDeployments), [framed(Buffer.alloc(0))], {
      headers: { "grpc-timeout": timeout },
    });

    expect(refusal).toMatchObject({ reason: "REQUEST_UNREADABLE" });
  });
});
