import {
  Health,
  type HealthCheckRequest,
  type HealthCheckResponse,
  HealthCheckResponse_ServingStatus,
  HealthCheckResponseSchema,
  HealthListResponseSchema,
} from "@activity-events/proto/grpc/health/v1/health_pb.js";
import { create } from "@bufbuild/protobuf";
import type { Health as HealthState } from "../../application/health.ts";
import { Refusal } from "../../application/refusal.ts";
import { limits } from "../../limits.ts";
import { type Call, type Method, serverStreaming, unary } from "../calls/method.ts";
import { cutText } from "../errors/cut-text.ts";
import { healthNames } from "../server/methods.ts";

const { SERVING, NOT_SERVING, SERVICE_UNKNOWN } = HealthCheckResponse_ServingStatus;

/** Makes the methods of grpc.health.v1; all services and the empty name share one state. */
export function healthMethods(health: HealthState): Method[] {
  const { method } = Health;
  return [
    unary(method.check, async ({ service }) => {
      if (healthNames.has(service)) return response(health.serving);
      const shown = cutText(service, limits.stringBytesMax);
      throw new Refusal("SERVICE_UNKNOWN", `this server has no service ${JSON.stringify(shown)}`, {
        metadata: { service: shown },
      });
    }),
    unary(method.list, async () =>
      create(HealthListResponseSchema, {
        statuses: Object.fromEntries([...healthNames].map((name) => [name, response(health.serving)])),
      }),
    ),
    serverStreaming(method.watch, (request, call) => watch(request, call, health)),
  ];
}

async function* watch(
  { service }: HealthCheckRequest,
  { signal }: Call,
  health: HealthState,
): AsyncGenerator<HealthCheckResponse> {
  if (!healthNames.has(service)) {
    yield create(HealthCheckResponseSchema, { status: SERVICE_UNKNOWN });
    await health.ended(signal);
    return;
  }
  for await (const serving of health.changes(signal)) yield response(serving);
}

function response(serving: boolean): HealthCheckResponse {
  return create(HealthCheckResponseSchema, { status: serving ? SERVING : NOT_SERVING });
}
