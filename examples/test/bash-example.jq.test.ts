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

test("the bash example loses nothing, and its lines run as they stand", async () => {
  const example = prepareExample("bash");
  const [use = ""] = example.blocks;

  await expectNothingLost(example, {
    produce: (_, deploymentId) => `./produce.sh ${deploymentId}`,
    follow: (_, deploymentId) => `./follow.sh ${deploymentId} d.cursor`,
    keepsConnection: false,
  });

  const { address } = await startService({ dataDir: temporaryFolder().path });
  const used = example.start(`${use}wait\n`.replaceAll("127.0.0.1:50051", address), address);
  await until(() => used.output.includes("deployment.finished"), "the README's lines show the end");
  expect(used.output).toContain("3\tdeployment.progress\tsign\n");
});
