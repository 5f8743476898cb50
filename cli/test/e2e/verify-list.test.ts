import { ActivityEventsClient } from "@activity-events/client";
import {
  GetDeploymentRequestSchema,
  GetDeploymentResponseSchema,
  ListDeploymentsRequestSchema,
  ListDeploymentsResponseSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { fromBinary } from "@bufbuild/protobuf";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type AlteringProxy, edited, openAlteringProxy } from "./altering-proxy.ts";
import { damagedAnswer } from "./damaged-answer.ts";
import { endClients, runClient } from "./running-client.ts";

let address: string;
let proxy: AlteringProxy;
/** The page tokens behind `c`, and behind `b`. */
let [behindC, behindB] = ["", ""];

beforeEach(async () => {
  ({ address } = await startService({ dataDir: temporaryFolder().path, environment: { STORE: "memory" } }));
  const client = new ActivityEventsClient({ address, tls: false });
  for (const deploymentId of ["a", "b", "c"]) await client.createEvent({ event: { deploymentId, message: "m" } });
  [behindC = "", behindB = ""] = await Promise.all(
    [1, 2].map(async (pageSize) => (await client.readDeployments({ pageSize })).nextPageToken),
  );
  client.close();
  proxy = await openAlteringProxy(address);
});
afterEach(async () => {
  await endClients();
  await proxy[Symbol.asyncDispose]();
  await cleanUp();
});

/** GetDeployment says that `b` is damaged. */
const headOfBIsDamaged = () => {
  proxy.alterations.GetDeployment = (answer, request) => {
    const { deploymentId } = fromBinary(GetDeploymentRequestSchema, request);
    if (deploymentId === "b") throw damagedAnswer("the head of b is damaged", { deployment_id: "b" });
    return answer;
  };
};

/** The list names `c`, then says that `b` is damaged, with this metadata, and names `a` behind it. */
const listIsDamagedAtB = (metadata: Record<string, string>) => {
  proxy.alterations.ListDeployments = (answer, request) => {
    const { pageToken } = fromBinary(ListDeploymentsRequestSchema, request);
    if (pageToken === behindC) throw damagedAnswer("the head of b is damaged", metadata);
    if (pageToken !== "") return answer;
    return edited(ListDeploymentsResponseSchema, (page) => {
      page.deployments.length = 1;
      page.nextPageToken = behindC;
    })(answer, request);
  };
};

test("goes on behind a deployment of which the list says that it is damaged, with and without what was kept", async () => {
  const file = `${temporaryFolder().path}/checkpoint`;
  await runClient({ args: ["verify", "--checkpoint", file], address });
  headOfBIsDamaged();
  listIsDamagedAtB({ deployment_id: "b", next_page_token: behindB });

  const verified = await runClient({ args: ["verify"], address: proxy.address });
  const compared = await runClient({ args: ["verify", "--checkpoint", file], address: proxy.address });

  const row = "b\tSTORE_DAMAGED\t\tthe head of b is damaged\n";
  const output = `${row}2 deployments with 2 events verified: 1 fault in 1 deployment; deleted ones were not looked at\n`;
  expect(verified).toEqual({ exitCode: 8, output, errors: "" });
  expect(compared).toEqual({ exitCode: 8, output, errors: "" });
});

test("asks by its id for what was kept and is said to be damaged, so that damage hides no loss", async () => {
  const file = `${temporaryFolder().path}/checkpoint`;
  await runClient({ args: ["verify", "--checkpoint", file], address });
  listIsDamagedAtB({ deployment_id: "b", next_page_token: behindB });
  const served = await runClient({ args: ["verify", "--checkpoint", file], address: proxy.address });
  proxy.alterations.GetDeployment = (answer, request) => {
    const { deploymentId } = fromBinary(GetDeploymentRequestSchema, request);
    if (deploymentId === "b") throw { code: 5, details: "there is no deployment b" };
    return answer;
  };
  const gone = await runClient({ args: ["verify", "--checkpoint", file], address: proxy.address });

  const row = "b\tSTORE_DAMAGED\t\tthe head of b is damaged\n";
  const output = `${row}3 deployments with 3 events verified: 1 fault in 1 deployment; deleted ones were not looked at\n`;
  expect(served).toEqual({ exitCode: 8, output, errors: "" });
  expect(gone.output).toContain("b\tCHECKPOINT_MISSING\t\t");
  expect(gone.exitCode).toBe(7);
});

test("verifies what was listed, and what was kept, where there is no way on behind the damage", async () => {
  const file = `${temporaryFolder().path}/checkpoint`;
  await runClient({ args: ["verify", "--checkpoint", file], address });
  listIsDamagedAtB({});

  const verified = await runClient({ args: ["verify"], address: proxy.address });
  const compared = await runClient({ args: ["verify", "--checkpoint", file], address: proxy.address });

  const row = "\tSTORE_DAMAGED\t\tthe head of b is damaged\n";
  const output = `${row}1 deployment with 1 event verified: 1 fault in the list; deleted ones were not looked at\n`;
  expect(verified).toEqual({ exitCode: 8, output, errors: "" });
  const all = `${row}3 deployments with 3 events verified: 1 fault in the list; deleted ones were not looked at\n`;
  expect(compared).toEqual({ exitCode: 8, output: all, errors: "" });
});

test("goes on with the next deployment that was asked for where one is damaged", async () => {
  headOfBIsDamaged();

  const args = ["verify", ...["c", "b", "a"].flatMap((id) => ["--deployment-id", id])];
  const verified = await runClient({ args, address: proxy.address });

  const row = "b\tSTORE_DAMAGED\t\tthe head of b is damaged\n";
  const output = `${row}2 deployments with 2 events verified: 1 fault in 1 deployment\n`;
  expect(verified).toEqual({ exitCode: 8, output, errors: "" });
});

test("finds a list that leaves out a deployment that was kept and is served by its id", async () => {
  const file = `${temporaryFolder().path}/checkpoint`;
  await runClient({ args: ["verify", "--checkpoint", file], address });
  proxy.alterations.ListDeployments = edited(ListDeploymentsResponseSchema, (page) => page.deployments.splice(1, 1));

  const verified = await runClient({ args: ["verify", "--checkpoint", file], address: proxy.address });

  const row = "b\tLIST_INCOMPLETE\t\tthe list omits it, but it is found by its id\n";
  const output = `${row}3 deployments with 3 events verified: 1 fault in 1 deployment; deleted ones were not looked at\n`;
  expect(verified).toEqual({ exitCode: 8, output, errors: "" });
});

test("counts a deployment once whose create time is not the one that was kept, and exits with 7", async () => {
  const file = `${temporaryFolder().path}/checkpoint`;
  await runClient({ args: ["verify", "--checkpoint", file], address });
  for (const seconds of [1n, 4_000_000_000n]) {
    const createTime = { $typeName: "google.protobuf.Timestamp", seconds, nanos: 0 } as const;
    const alterList = edited(ListDeploymentsResponseSchema, (page) => {
      const [c, b, a] = page.deployments;
      if (a === undefined || b === undefined || c === undefined) throw new Error("one is missing");
      Object.assign(b, { createTime });
      page.deployments = seconds === 1n ? [c, a, b] : [b, c, a];
    });
    const alterHead = edited(GetDeploymentResponseSchema, ({ deployment }) => {
      if (deployment?.deploymentId === "b") Object.assign(deployment, { createTime });
    });
    Object.assign(proxy.alterations, { ListDeployments: alterList, GetDeployment: alterHead });

    const { exitCode, output } = await runClient({ args: ["verify", "--checkpoint", file], address: proxy.address });

    const rows = output.split("\n").map((row) => row.split("\t").slice(0, 2).join(" "));
    expect(rows.filter((row) => row.startsWith("b ")).sort()).toEqual(["b CHECKPOINT_CREATE_TIME", "b HEAD"]);
    expect(output).toContain("\n3 deployments with 3 events verified: 2 faults in ");
    expect(exitCode).toBe(7);
  }
});
