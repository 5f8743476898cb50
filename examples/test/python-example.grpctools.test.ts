import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { until } from "@activity-events/testing/until";
import { afterEach, expect, test } from "@jest/globals";
import { expectNothingLost } from "./lose-nothing.ts";
import { endLines, prepareExample } from "./prepared-example.ts";

afterEach(async () => {
  await endLines();
  await cleanUp();
});

test("the Python example is generated as its README says, loses nothing, and its lines run as they stand", async () => {
  const example = prepareExample("python");
  const [, build = "", use = ""] = example.blocks;

  example.run(build);
  await expectNothingLost(example, {
    produce: (address, deploymentId) => `PYTHONPATH=gen python3 produce.py ${address} ${deploymentId}`,
    follow: (address, deploymentId) => `PYTHONPATH=gen python3 follow.py ${address} ${deploymentId} d.cursor`,
    keepsConnection: true,
  });

  const { address } = await startService({ dataDir: temporaryFolder().path });
  const used = example.start(`${use}wait\n`.replaceAll("127.0.0.1:50051", address), address);
  await until(() => used.output.includes("deployment.finished"), "the README's lines show the end");
  expect(used.output).toContain("3\tdeployment.progress\tsign\n");
});
