import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "@jest/globals";

test("loads no library of Google's for a service that is open", () => {
  const library = join(import.meta.dirname, "..", "..", "src", "index.ts");
  const script = `
    import { registerHooks } from "node:module";
    registerHooks({ load(url, context, next) { if (/google-auth|gaxios|gcp-metadata/.test(url)) console.log(url); return next(url, context); } });
    const { ActivityEventsClient, findService } = await import(${JSON.stringify(library)});
    await new ActivityEventsClient({ address: "127.0.0.1:1", tls: false }).checkHealth().catch(() => {});
    console.log("open");
    await findService({ service: "s", region: "r", project: "p" }, { endpoint: "http://127.0.0.1:1" }).catch(() => {});
    process.exit();
  `;

  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
    env: { METADATA_SERVER_DETECTION: "none", HOME: "/nowhere" },
  });

  const [first, ...others] = stdout.trim().split("\n");
  expect(first).toBe("open");
  expect(others.length).toBeGreaterThan(0);
});
