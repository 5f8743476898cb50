import { call, connect, disconnectAll, methods } from "@activity-events/testing/contract-client";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { seededRandom } from "@activity-events/testing/seeded-random";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, expect, test } from "@jest/globals";
import { askPython } from "../history/ask-python.ts";
import { appendRandom } from "./append-random.ts";
import { readExample } from "./page-example.ts";

afterEach(async () => {
  disconnectAll();
  await cleanUp();
});

test("another implementation finds the values of the page's example", async () => {
  const { events, values } = readExample();
  const messages = events.map((json) => ({
    json,
    attributes: {
      commitment: values[`commitment ${json.sequence}`] ?? "",
      history_hash: values[`hash ${json.sequence}`] ?? "",
    },
  }));

  const [answer] = await askPython([{ deploymentId: "release-42", begins: 1, messages }]);

  const hash = values["hash 2"];
  expect(answer).toEqual({ events: 2, sequence: 2, hash, notRebuilt: [], withoutHash: [], faults: [] });
});

test.each(["memory"])("another implementation finds the same history hashes over gRPC, on %s", async (store) => {
  const random = seededRandom("history hashes");
  const environment = { STORE: store, HEARTBEAT_SECONDS: "1" };
  const { address } = await startService({ dataDir: temporaryFolder().path, environment });
  const client = connect(address);
  const deployments = Array.from({ length: 8 }, (_, index) => ({
    deploymentId: `release-${index}:~`,
    from: 1,
    to: random.between(1, 60),
  }));
  await Promise.all(deployments.map((deployment) => appendRandom(client, random, deployment)));

  const answers = await askPython(deployments.map(({ deploymentId }) => ({ address, deploymentId })));

  const heads = await Promise.all(
    deployments.map(({ deploymentId }) => call(client, methods.getDeployment, { deploymentId })),
  );
  expect(answers).toEqual(
    heads.map(({ deployment }, index) => ({
      events: deployments[index]?.to,
      sequence: Number(deployment?.historyHashSequence),
      hash: Buffer.from(deployment?.historyHash ?? "").toString("hex"),
      compared: { get_deployment: 1, caught_up: 1, heartbeat: 1 },
      faults: [],
    })),
  );
  expect(answers.map(({ sequence }) => sequence)).toEqual(deployments.map(({ to }) => to));
});
