import { setTimeout as sleep } from "node:timers/promises";
import {
  Health,
  HealthCheckResponseSchema,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from "@activity-events/proto/grpc/health/v1/health_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";
import { fromBinary } from "@bufbuild/protobuf";
import { openRawChannel, rawUnary } from "../loads/raw-channel.ts";
import type { StartedProcess } from "../scratch.ts";
import { untilListening } from "./until-listening.ts";

/** Resolves at the first answer SERVING of a started process; polls every millisecond. */
export async function untilServing(started: StartedProcess, port: number): Promise<void> {
  await untilListening(started, { port, pauseMs: 1 });
  const channel = openRawChannel(`127.0.0.1:${port}`);
  const path = methodPath(Health.method.check);
  for (;;) {
    const answer = fromBinary(HealthCheckResponseSchema, await rawUnary(channel, path, Buffer.alloc(0)));
    if (answer.status === ServingStatus.SERVING) break;
    await sleep(1);
  }
  channel.close();
}
