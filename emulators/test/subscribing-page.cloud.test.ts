import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { closeAll, startCloud } from "@activity-events/testing/cloud-stack";
import { until } from "@activity-events/testing/until";
import { afterEach, expect, test } from "@jest/globals";

const root = join(import.meta.dirname, "..", "..");
const page = readFileSync(join(root, "docs", "subscribing.md"), "utf8");
const [, section = ""] = /^## On one machine\n(.*?)^## /ms.exec(page) ?? [];
const [stack, subscriber = "", producer = ""] = [...section.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, text]) => text);
const [, printed = ""] = /\n\n```\n(.*?)^```$/ms.exec(section) ?? [];

afterEach(closeAll);

test("the commands of docs/subscribing.md for one machine print what the page shows", async () => {
  const cloud = await startCloud({ services: 1 });
  // The page names the usual ports and project; here every test run has its own.
  const here = (script: string) =>
    script
      .replaceAll("127.0.0.1:8085", process.env.PUBSUB_EMULATOR_HOST ?? "")
      .replaceAll("demo-activity", cloud.projectId)
      .replaceAll("client -- add", `client -- add --address ${cloud.addresses[0]}`);
  const lines: string[] = [];
  const received = () => lines.filter((line) => line.startsWith("release-42"));
  const shell = (script: string) => spawn("sh", ["-c", here(script)], { cwd: root, detached: true });

  const reader = shell(subscriber);
  createInterface({ input: reader.stdout }).on("line", (line) => lines.push(line));
  try {
    await until(() => lines.includes("}"), "the subscription is there");
    const writer = shell(producer);
    const code = await new Promise((resolve) => writer.on("close", resolve));
    expect(code).toBe(0);
    await until(() => received().length === 2, "two events have arrived");

    expect(stack).toBe("npm run stack\n");
    expect(received()).toEqual(printed.trimEnd().split("\n"));
  } finally {
    // The shell and what it started.
    process.kill(-(reader.pid ?? 0), "SIGKILL");
  }
});
