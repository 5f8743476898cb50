import { expect, test } from "@jest/globals";
import { dialProblem } from "../../src/ancestor/dial-problem.ts";

const nameServers = ["127.0.0.53", "::1"];

const refused = (of: string) =>
  `No connection established. Last error: Error: connect ECONNREFUSED${of}. Resolution note: `;

test.each([
  ["127.0.0.1", refused(" 127.0.0.1:7"), "dial tcp 127.0.0.1:7: connect: connection refused"],
  ["localhost", refused(" ::1:7"), "dial tcp [::1]:7: connect: connection refused"],
  ["", refused(" 127.0.0.1:7"), "dial tcp :7: connect: connection refused"],
  ["dns:///h", `round_robin: ${refused(" 127.0.0.1:7")}`, "dial tcp 127.0.0.1:7: connect: connection refused"],
  [
    "h",
    refused(" 10.0.0.1:7").replace("ECONNREFUSED", "EHOSTUNREACH"),
    "dial tcp 10.0.0.1:7: connect: no route to host",
  ],
  [
    "no.invalid",
    "Name resolution failed for target dns:no.invalid:7",
    "dial tcp: lookup no.invalid on 127.0.0.53:53: no such host",
  ],
  ["ü.invalid", "Name resolution failed for target dns:ü.invalid:7", "dial tcp: lookup ü.invalid: no such host"],
])("says of %j what Go says when grpc-js says %j", (address, details, problem) => {
  expect(dialProblem(details, { address, port: 7n, nameServers })).toBe(problem);
});

test.each(["connect ECONNREFUSED 127.0.0.1:7", "No connection established", "Connection dropped", ""])(
  "takes %j for no failure to connect: a server may have said it",
  (details) => {
    expect(dialProblem(details, { address: "h", port: 7n, nameServers })).toBeUndefined();
  },
);
