import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
} from "@activity-events/proto/google/rpc/error_details_pb.js";
import { status } from "@grpc/grpc-js";
import { expect, test } from "@jest/globals";
import { ActivityEventsError } from "../../src/activity-events-error.ts";
import { decodeError } from "../../src/calls/decode-error.ts";
import { type Detail, serviceError, withTrailer } from "./service-error.ts";

const info = (domain: string): Detail => [
  ErrorInfoSchema,
  { domain, reason: "REQUEST_INVALID", metadata: { violations_total: "2" } },
];

test("reads the reason, its metadata, the fields at fault and the delay from the trailer", () => {
  const thrown = serviceError(status.INVALID_ARGUMENT, "two fields are wrong", [
    info("activityevents"),
    [BadRequestSchema, { fieldViolations: [{ field: "event.outcome", description: "is required" }] }],
    [RetryInfoSchema, { retryDelay: { seconds: 1n, nanos: 500_000_000 } }],
  ]);

  const error = decodeError(thrown);

  expect(error).toBeInstanceOf(ActivityEventsError);
  expect(error).toMatchObject({
    code: "INVALID_ARGUMENT",
    message: "two fields are wrong",
    reason: "REQUEST_INVALID",
    metadata: { violations_total: "2" },
    violations: [{ field: "event.outcome", description: "is required" }],
    retryDelayMs: 1_500,
    cause: thrown,
  });
});

test("takes no reason from another domain", () => {
  const error = decodeError(serviceError(status.UNAVAILABLE, "busy", [info("proxy.example")]));

  expect(error).toMatchObject({ code: "UNAVAILABLE", reason: undefined, metadata: {} });
});

test("keeps the status when the trailer cannot be read", () => {
  const error = decodeError(withTrailer(status.ABORTED, "mismatch", Uint8Array.of(0xff, 0xff)));

  expect(error).toMatchObject({ code: "ABORTED", message: "mismatch", reason: undefined, violations: [] });
});

test.each([
  [
    "No connection established. Last error: Error: connect ECONNREFUSED 127.0.0.1:1. Resolution note: ",
    "connect ECONNREFUSED 127.0.0.1:1",
  ],
  ["Deadline exceeded after 2.002s,name resolution: 0.009s,Waiting for LB pick", "Deadline exceeded after 2.002s"],
  ["there is no deployment x", "there is no deployment x"],
])("takes %j down to what happened", (details, message) => {
  const error = decodeError(serviceError(status.UNAVAILABLE, details));

  expect(error.message).toBe(message);
});

test("makes UNKNOWN of a status that it does not know and of what is no answer at all", () => {
  const errors = [serviceError(99, "strange"), new TypeError("a fault of our own")].map(decodeError);

  expect(errors.map(({ code }) => code)).toEqual(["UNKNOWN", "UNKNOWN"]);
});
