import { expect, test } from "@jest/globals";
import { ActivityEventsError, type StatusName } from "../../src/activity-events-error.ts";
import { goError } from "../../src/ancestor/go-error.ts";

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
