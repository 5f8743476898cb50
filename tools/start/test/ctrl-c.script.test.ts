import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { onTerminal } from "@activity-events/testing/terminal";
import { expect, test } from "@jest/globals";
import { endsOf } from "./started-all.ts";

test("Ctrl-C reaches none of the programs: the launcher stops them in order", async () => {
  const launcher = join(import.meta.dirname, "..", "main.ts");
  const [file = "", ...args] = onTerminal(`"${process.execPath}" "${launcher}"`);
  const environment = {
    ...process.env,
    PORT: "0",
    PAGE_PORT: "0",
    WEBHOOKS_PORT: "0",
    STORE: "memory",
    LOG_FORMAT: "json",
  };
  const child = spawn(file, args, { env: environment, detached: true, stdio: ["pipe", "pipe", "inherit"] });
  let output = "";
  let isAsked = false;
  child.stdout.setEncoding("utf8").on("data", (text) => {
    output += text;
    if (isAsked || output.split('"listening"').length <= 3) return;
    isAsked = true;
    child.stdin.write("\x03");
  });

  const [code] = await once(child, "close");

  expect(code).toBe(0);
  const lines = output
    .replace("^C", "")
    .split(/\r?\n/)
    .flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : []));
  const ends = endsOf(lines);
  expect(ends.slice(0, 4).toSorted()).toEqual(["draining: SIGTERM", "draining: SIGTERM", "stopped", "stopped"]);
  expect(ends.slice(4)).toEqual(["draining: SIGTERM", "stopped"]);
});
