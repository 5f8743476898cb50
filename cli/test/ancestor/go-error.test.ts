import { ActivityEventsError, type StatusName } from "@activity-events/client";
import { expect, test } from "@jest/globals";
import { goDialError, goError } from "../../src/ancestor/go-error.ts";

test.each<[StatusName, string]>([
  ["UNAVAILABLE", "Unavailable"],
  ["ALREADY_EXISTS", "AlreadyExists"],
  ["OUT_OF_RANGE", "OutOfRange"],
  ["DATA_LOSS", "DataLoss"],
  ["CANCELLED", "Canceled"],
])("names %s as gRPC for Go does", (code, name) => {
  const text = goError(new ActivityEventsError({ code, message: "what happened" }));

  expect(text).toBe(`rpc error: code = ${name} desc = what happened`);
});

test("says of a lost connection what gRPC for Go says", () => {
  const text = goError({ code: "UNAVAILABLE", message: "Connection dropped" });

  expect(text).toBe("rpc error: code = Unavailable desc = transport is closing");
});

test("quotes within a failure to connect what the connection failed of", () => {
  const text = goDialError("dial tcp: address h\x1b:1: too many colons in address");

  expect(text).toBe(
    String.raw`rpc error: code = Unavailable desc = all SubConns are in TransientFailure, latest connection error: connection error: desc = "transport: Error while dialing dial tcp: address h\x1b:1: too many colons in address"`,
  );
});
