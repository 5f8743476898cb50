import { ErrorReason } from "@activity-events/proto/activityevents/v1/error_reason_pb.js";
import { Metadata, status } from "@grpc/grpc-js";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { Refusal, type RefusalReason } from "../src/application/refusal.ts";
import { statusOf } from "../src/grpc/errors/status.ts";
import { readRefusal } from "./read-refusal.ts";

/** The status as a client reads it. */
function read(refusal: Refusal) {
  const { code, details, metadata } = statusOf(refusal);
  return readRefusal({ code, details, metadata: metadata ?? new Metadata() });
}

describe("the status of a refusal", () => {
  test("has the code that the contract gives its reason, and the reason's domain", () => {
    const codes: Record<RefusalReason, string> = {
      REQUEST_INVALID: "INVALID_ARGUMENT",
      REQUEST_UNREADABLE: "INVALID_ARGUMENT",
      REQUEST_TOO_LARGE: "RESOURCE_EXHAUSTED",
      METHOD_UNKNOWN: "UNIMPLEMENTED",
      PAGE_TOKEN_INVALID: "INVALID_ARGUMENT",
      DEPLOYMENT_NOT_FOUND: "NOT_FOUND",
      EVENT_NOT_FOUND: "NOT_FOUND",
      EVENT_ID_CONFLICT: "ALREADY_EXISTS",
      SEQUENCE_MISMATCH: "ABORTED",
      CURSOR_AHEAD: "OUT_OF_RANGE",
      TOO_MANY_STREAMS: "RESOURCE_EXHAUSTED",
      TOO_MANY_WAITING: "RESOURCE_EXHAUSTED",
      TOO_MANY_UNREAD: "RESOURCE_EXHAUSTED",
      TOO_MANY_BYTES: "RESOURCE_EXHAUSTED",
      REQUEST_NOT_RECEIVED: "DEADLINE_EXCEEDED",
      STORE_FULL: "RESOURCE_EXHAUSTED",
      STORE_READ_ONLY: "UNAVAILABLE",
      STORE_IO_ERROR: "UNAVAILABLE",
      STORE_UNAVAILABLE: "UNAVAILABLE",
      STORE_DAMAGED: "DATA_LOSS",
      DRAINING: "UNAVAILABLE",
      DEADLINE_PASSED: "DEADLINE_EXCEEDED",
      STORE_REFUSED: "INTERNAL",
      INTERNAL_FAULT: "INTERNAL",
      SERVICE_UNKNOWN: "NOT_FOUND",
      CREDENTIALS_MISSING: "UNAUTHENTICATED",
      CREDENTIALS_INVALID: "UNAUTHENTICATED",
      KEYS_UNAVAILABLE: "UNAVAILABLE",
      PERMISSION_DENIED: "PERMISSION_DENIED",
      DEPLOYMENT_DELETED: "FAILED_PRECONDITION",
      DEPLOYMENT_PURGED: "FAILED_PRECONDITION",
      MIRROR_BEHIND: "UNAVAILABLE",
      OLDER_INSTANCES: "FAILED_PRECONDITION",
      SHARE_EXHAUSTED: "RESOURCE_EXHAUSTED",
    };

    const refusals = Object.keys(codes).map((reason) => read(new Refusal(reason as RefusalReason, "why")));

    expect(Object.fromEntries(refusals.map(({ reason, code }) => [reason, code]))).toEqual(codes);
    expect(new Set(refusals.map(({ domain }) => domain))).toEqual(new Set(["activityevents"]));
    const reasons = Object.keys(ErrorReason).filter((name) => Number.isNaN(Number(name)) && name !== "UNSPECIFIED");
    expect(reasons.sort()).toEqual(Object.keys(codes).sort());
  });

  test("has the metadata, the violations with their number, and the delay", () => {
    const refusal = read(
      new Refusal("REQUEST_INVALID", "why", {
        metadata: { a: "1" },
        violations: [
          { field: "x", description: "is wrong" },
          { field: "y", description: "is wrong, too" },
        ],
        retryDelayMs: 1_500,
      }),
    );

    expect(refusal).toMatchObject({
      message: "why",
      metadata: { a: "1", violations_total: "2" },
      fields: ["x", "y"],
      descriptions: ["is wrong", "is wrong, too"],
      retryDelayMs: 1_500,
    });
  });

  test("keeps the cause to itself", () => {
    const { metadata, details } = statusOf(new Refusal("INTERNAL_FAULT", "why", { cause: new Error("row 17") }));

    expect(JSON.stringify([metadata?.toJSON(), details])).not.toContain("row 17");
    expect(Buffer.from(metadata?.get("grpc-status-details-bin")[0] ?? "").toString("latin1")).not.toContain("row 17");
  });

  test("fits into what clients take, whatever is wrong: the first violations are listed and all are counted", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 300 }),
      fc.string({ unit: "grapheme", maxLength: 300 }),
      fc.nat(600).map((length) => "\0".repeat(length)),
    );
    const violation = fc.record({ field: text, description: text });
    const many = fc
      .tuple(fc.array(violation, { maxLength: 30 }), fc.nat(400))
      .map(([some, times]) => Array.from({ length: times }, () => some).flat());

    fc.assert(
      fc.property(text, text, many, (message, more, violations) => {
        const { code, details, metadata } = statusOf(new Refusal("REQUEST_INVALID", message + more, { violations }));
        const refusal = readRefusal({ code, details, metadata: metadata ?? new Metadata() });
        expect(refusal.detailsBytes).toBeLessThanOrEqual(4_096);
        expect(encodeURIComponent(details.toWellFormed()).length).toBeLessThanOrEqual(1_024);
        expect(refusal.metadata.violations_total ?? "0").toBe(`${violations.length}`);
        expect(refusal.fields).toEqual(
          violations.slice(0, refusal.fields.length).map(({ field }) => field.toWellFormed()),
        );
      }),
      { numRuns: 60 },
    );
  });

  test("lists violations as long as there is room for the next", () => {
    const violations = Array.from({ length: 1_000 }, (_, index) => ({ field: `f${index}`, description: "x" }));

    const refusal = read(new Refusal("REQUEST_INVALID", "why", { violations }));

    expect(refusal.detailsBytes).toBeGreaterThan(2_000);
    expect(refusal.fields.length).toBeGreaterThan(100);
  });

  test("cuts a long message, and says that it did", () => {
    const long = statusOf(new Refusal("REQUEST_INVALID", "😀".repeat(1_000)));
    const short = statusOf(new Refusal("REQUEST_INVALID", "a".repeat(1_024)));

    expect(long.details).toMatch(/^(😀)+…$/u);
    expect(short.details).toBe("a".repeat(1_024));
    expect(long.code).toBe(status.INVALID_ARGUMENT);
  });
});
