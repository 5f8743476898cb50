import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, expect, test } from "@jest/globals";

const root = join(import.meta.dirname, "..");

afterEach(cleanUp);

test("the README's curls write an event and read it back", async () => {
  const dataDir = temporaryFolder().path;
  const service = await startService({ dataDir });
  const start = (program: string, port: string) =>
    startService({
      dataDir,
      program: join(root, program),
      environment: { ACTIVITY_ADDRESS: service.address, [port]: "0" },
    });
  const page = await start("metrics-service/src/main.ts", "PAGE_PORT");
  const webhooks = await start("functions/webhooks/src/main.ts", "WEBHOOKS_PORT");
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const [, lines = ""] = /```sh\n(curl.*?)```/s.exec(readme) ?? [];
  const own = lines.replaceAll("127.0.0.1:50090", webhooks.address).replaceAll("127.0.0.1:50080", page.address);

  const commands = own.split(/^(?=curl )/m);
  const answers: unknown[] = [];
  for (const command of commands) {
    const { stdout } = await promisify(execFile)("sh", ["-c", command.replace("curl ", "curl -sf ")]);
    answers.push(JSON.parse(stdout));
  }

  expect(answers).toMatchObject([
    { events: [{ deploymentId: "shop-42", sequence: "1", duplicate: false }] },
    {
      deployments: [
        {
          deploymentId: "shop-42",
          outcome: "OUTCOME_SUCCESS",
          service: "shop",
          environment: "production",
          revision: "v1.4.2",
        },
      ],
    },
    { events: [{ deploymentId: "shop-42", sequence: "1", type: "deployment.finished", source: "/ci/shop" }] },
  ]);
});
