import { ActivityEvents } from "@activity-events/proto/activityevents/activity_events_pb.js";
import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { Health } from "@activity-events/proto/grpc/health/v1/health_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";
import { expect, test } from "@jest/globals";
import { healthNames, methods } from "../src/grpc/methods.ts";
import { reflectionPath, reflectionVersions } from "./reflection-client.ts";

const services = [ActivityEventsService, ActivityEvents, Health];

test("the table of methods names those of the contract and of reflection, each of its kind, and no others", () => {
  const kinds = { unary: "unary", server_streaming: "stream", client_streaming: "none", bidi_streaming: "bidi" };
  const ofContract = services.flatMap(({ methods }) =>
    methods.map((each) => [methodPath(each), kinds[each.methodKind]]),
  );
  const ofReflection = reflectionVersions.map((version) => [reflectionPath(version), "bidi"]);

  expect(methods).toEqual(Object.fromEntries([...ofContract, ...ofReflection]));
});

test("health knows the whole server and the services of the contract", () => {
  expect([...healthNames].sort()).toEqual(["", ...services.map(({ typeName }) => typeName)].sort());
});
