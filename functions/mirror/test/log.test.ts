import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";

const logModule = new URL("../src/log.ts", import.meta.url).href;

(existsSync("/dev/full") ? test : test.skip)("lines that cannot be written end nothing", async () => {
  const script = `
    import { openLog } from ${JSON.stringify(logModule)};
    const logger = openLog("info");
    for (let n = 0; n < 1_000; n += 1) logger.info({ padding: "x".repeat(5_000) }, "a line");
    await new Promise((resolve) => setImmediate(resolve));
    logger.info("another line");
    process.stderr.write("went on");`;
  const command = [process.execPath, "--input-type=module", "-e", script];

  const { stderr } = await promisify(execFile)("sh", ["-c", '"$@" > /dev/full', "sh", ...command]);

  expect(stderr).toBe("went on");
});
