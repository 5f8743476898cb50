import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import {
  ActivityEventsService,
  StreamEventsRequestSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { Health, HealthCheckRequestSchema } from "@activity-events/proto/grpc/health/v1/health_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";
import { create, toBinary } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { bytesField } from "./encode-request.ts";
import { faults } from "./fault.ts";
import { framed, RawConnection } from "./raw-connection.ts";
import { startService } from "./start-service.ts";

const checkPath = methodPath(Health.method.check);
const { method } = ActivityEventsService;

describe("the process", () => {
  test("outlives a check of a service whose name is cut within an emoji", async () => {
    await using service = await startService();
    await using connection = new RawConnection(service.address);

    for (let length = 80; length <= 100; length += 1) {
      const name = create(HealthCheckRequestSchema, { service: "😀".repeat(length) });
      const { refusal } = await connection.call(checkPath, [framed(toBinary(HealthCheckRequestSchema, name))]);

      expect(refusal).toMatchObject({ code: "NOT_FOUND", reason: "SERVICE_UNKNOWN" });
      expect(refusal?.message).toMatch(/^this server has no service "(😀)+/u);
      expect(refusal?.metadata.service).toMatch(/^(😀){64}$/u);
    }
  });

  test.each([
    ["a path of bytes that are no ASCII", { ":path": "/\u00e9\u00ff/x" }],
    ["a path of percent signs", { ":path": "/%ff%zz/%" }],
    ["a long path", { ":path": `/${"x".repeat(8_000)}` }],
    ["a timeout that is none", { "grpc-timeout": "soon" }],
    ["a timeout that is no text", { "grpc-timeout": "\u00ff" }],
    ["a compression that nobody knows", { "grpc-encoding": "zip" }],
    ["what is not compressed as it says", { "grpc-encoding": "gzip" }],
    ["a binary header that is no Base64", { "x-bin": "%%%" }],
    ["a header with bytes that are no ASCII", { "x-name": "\u00ff" }],
  ])("outlives %s", async (_, headers) => {
    await using service = await startService();
    await using connection = new RawConnection(service.address);
    const compressed = Buffer.concat([Buffer.from([1, 0, 0, 0, 1]), Buffer.from([0])]);

    for (const piece of [framed(Buffer.alloc(0)), compressed]) {
      const answer = await connection.call(checkPath, [piece], { headers });
      expect(answer.code).toBeDefined();
    }

    const { code } = await connection.call(checkPath, [framed(Buffer.alloc(0))]);
    expect(code).toBe(0);
  });
});

describe("a handler", () => {
  let child: ChildProcess;
  let connection: RawConnection;

  beforeAll(async () => {
    const program = fileURLToPath(new URL("./serve-faults.ts", import.meta.url));
    child = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "inherit"] });
    const [port] = await once(child.stdout as NonNullable<typeof child.stdout>, "data");
    child.stdout?.resume();
    connection = new RawConnection(`127.0.0.1:${`${port}`.trim()}`);
  });
  afterAll(async () => {
    await connection[Symbol.asyncDispose]();
    child.kill("SIGKILL");
  });

  const named = (fault: string) => bytesField(1, Buffer.from(fault));
  const inStream = (fault: string, afterSequence: bigint) =>
    toBinary(StreamEventsRequestSchema, create(StreamEventsRequestSchema, { deploymentId: fault, afterSequence }));

  test.each(Object.entries(faults))("that %s ends its call and nothing else", async (fault, reasons) => {
    const answers = await Promise.all([
      connection.call(methodPath(method.getEvent), [framed(named(fault))]),
      connection.call(methodPath(method.getDeployment), [framed(named(fault))]),
      connection.call(methodPath(method.streamEvents), [framed(inStream(fault, 0n))]),
      connection.call(methodPath(method.streamEvents), [framed(inStream(fault, 1n))]),
      connection.call(methodPath(method.ingestEvents), [framed(named(fault))]),
    ]);
    const next = await connection.call(checkPath, [framed(Buffer.alloc(0))]);

    for (const { code, refusal } of answers) {
      expect(code).toBeDefined();
      expect(reasons).toContain(refusal?.reason);
    }
    // The handler of the health check throws, whatever it is asked.
    expect(next.refusal?.reason).toBe("INTERNAL_FAULT");
  });
});
