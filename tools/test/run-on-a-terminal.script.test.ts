import { onTerminal } from "@activity-events/testing/terminal";
import { afterEach, expect, test } from "@jest/globals";
import { endAll, runInNpm } from "./run-in-npm.ts";

afterEach(endAll);

test("Ctrl-C reaches the program once each time, although npm passes it on as well", async () => {
  const [script = "", ...args] = onTerminal("npm run -s count");
  let presses = 0;

  // Two equal signals merge while the first is pending, so the program gets a pause and several chances.
  const { lines, exitCode } = await runInNpm([script, ...args], (line, { stdin }) => {
    if (line !== "ready" && presses === 5) return;
    presses += 1;
    setTimeout(() => stdin?.write("\x03"), 300);
  });

  expect(lines.map((line) => line.replace("^C", ""))).toEqual(["ready", ...Array(5).fill("SIGINT")]);
  expect(exitCode).toBe(7);
});
