import { findNode20 } from "@activity-events/testing/find-node-20";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, expect, test } from "@jest/globals";
import { installClient } from "./installed-client.ts";
import { readmeExamples } from "./readme-examples.ts";

afterEach(cleanUp);

test("the README's programs print on Node 20 what the README shows", async () => {
  const node = findNode20() ?? "";
  const { port } = await startService({ dataDir: temporaryFolder().path });
  const project = await installClient(node);
  const examples = readmeExamples().filter(({ prints }) => prints !== undefined);

  await project.compile();
  const printed = await project.run(node, port);

  expect(examples.length).toBeGreaterThan(4);
  expect(printed).toEqual(examples.map(({ prints }) => prints));
});
