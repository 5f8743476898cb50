import { ActivityEventsError, type Refusal } from "@activity-events/client";
import { expect, test } from "@jest/globals";
import { describeError } from "../../src/program/describe-error.ts";
import { exitCodeOf } from "../../src/program/exit-code.ts";
import { UsageError } from "../../src/program/usage-error.ts";

const describeRefusal = (refusal: Refusal) =>
  describeError(new ActivityEventsError(refusal), { address: "127.0.0.1:50051", tls: false });

test("says the reason, the message and each field that is at fault, and how many more there are", () => {
  const text = describeRefusal({
    code: "INVALID_ARGUMENT",
    reason: "REQUEST_INVALID",
    message: "12 fields are wrong",
    metadata: { violations_total: "12" },
    violations: [
      { field: "event.outcome", description: "is required" },
      { field: 'event.labels["x\n"]', description: "is too long" },
    ],
  });

  expect(text.split("\n")).toEqual([
    "REQUEST_INVALID: 12 fields are wrong",
    "  event.outcome: is required",
    String.raw`  event.labels["x\n"]: is too long`,
    "  and 10 more",
  ]);
});

test("says once what the message says already", () => {
  const text = describeRefusal({
    code: "INVALID_ARGUMENT",
    reason: "REQUEST_INVALID",
    message: "event.outcome: is required",
    violations: [{ field: "event.outcome", description: "is required" }],
  });

  expect(text).toBe("REQUEST_INVALID: event.outcome: is required");
});

test.each<[Refusal, string]>([
  [
    { code: "UNAVAILABLE", message: "Connection dropped" },
    "UNAVAILABLE: the connection to 127.0.0.1:50051 was lost before it answered; retry.",
  ],
  [
    { code: "DEADLINE_EXCEEDED", message: "Deadline exceeded after 3.000s" },
    "DEADLINE_EXCEEDED: the service at 127.0.0.1:50051 did not answer in time; retry, or allow more time with --timeout SECONDS.",
  ],
  [
    { code: "UNAVAILABLE", message: "Received HTTP status code 502" },
    "UNAVAILABLE: a proxy or HTTP server at 127.0.0.1:50051 answers with HTTP status 502 instead of the service; check the address and what stands before the service.",
  ],
  [
    { code: "RESOURCE_EXHAUSTED", message: "Received message larger than max (1752460652 vs 4194304)" },
    "RESOURCE_EXHAUSTED: something other than the service answers at 127.0.0.1:50051; check host and port.",
  ],
])("says of %j, which no service answered, where it looked and what to do", (refusal, text) => {
  expect(describeRefusal(refusal)).toBe(text);
});

test("lets no control character of a server's message through", () => {
  const text = describeRefusal({ code: "INTERNAL", message: "\x1b[2J" });

  expect(text).toBe(String.raw`INTERNAL: \x1b[2J`);
});

test.each<[Partial<Refusal>, number]>([
  [{ code: "INTERNAL" }, 1],
  [{ code: "INVALID_ARGUMENT" }, 2],
  [{ code: "NOT_FOUND" }, 3],
  [{ code: "ALREADY_EXISTS" }, 4],
  [{ code: "ABORTED" }, 4],
  [{ code: "UNAVAILABLE" }, 5],
  [{ code: "DEADLINE_EXCEEDED" }, 5],
  [{ code: "OUT_OF_RANGE", reason: "CURSOR_AHEAD" }, 6],
])("ends with its own exit code for %j", (refusal, exitCode) => {
  const error = new ActivityEventsError({ code: "UNKNOWN", message: "", ...refusal });

  expect(exitCodeOf(error)).toBe(exitCode);
});

test("ends with 2 when the usage is wrong", () => {
  expect(exitCodeOf(new UsageError("wrong"))).toBe(2);
});
