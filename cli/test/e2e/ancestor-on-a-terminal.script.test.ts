import { onTerminal } from "@activity-events/testing/terminal";
import { afterEach, expect, test } from "@jest/globals";
import { withoutTimes } from "../ancestor/recorded-calls.ts";
import { endClients, runClient } from "./running-client.ts";

afterEach(endClients);

test("the ancestor's flags write to a terminal in colour", async () => {
  const args = ["-port", "70000", "-deployment", "1"];
  // A terminal for the errors alone.
  const launcher = (command: readonly string[]) => onTerminal(`${command.join(" ")} >/dev/null`);

  const { exitCode, output } = await runClient({ args, launcher });

  expect(exitCode).toBe(1);
  expect(withoutTimes(output)).toBe(
    '\x1b[31mFATA\x1b[0m[0000] Error on get events: rpc error: code = Unavailable desc = all SubConns are in TransientFailure, latest connection error: connection error: desc = "transport: Error while dialing dial tcp: address 70000: invalid port" \r\n',
  );
});
