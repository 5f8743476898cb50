import { status } from "@grpc/grpc-js";
import { describe, expect, test } from "@jest/globals";
import { embedService } from "./embed-service.ts";
import { fillStore, idOf, redact } from "./export-records.ts";
import { adminToken, bytesOf, exportAll, importAll } from "./transfer.ts";

async function filledService() {
  const service = await embedService({ adminToken });
  await fillStore(service.store);
  return service;
}

describe("ExportEvents and ImportEvents", () => {
  test("an export has a header, each deployment before its events, newest first, and its counts at the end", async () => {
    await using source = await filledService();

    const records = await exportAll(source.client);

    const heads = records.flatMap(({ record }) => (record.case === "deployment" ? [record.value] : []));
    expect(heads.map(({ deploymentId, standing }) => [deploymentId, standing])).toEqual([
      ["purged", 2],
      ["deleted", 1],
      ["redacted", 0],
      ["many", 0],
      ["unknown", 0],
      ["kept", 0],
    ]);
    expect(heads[2]?.emptiedFields.map(({ name }) => name)).toEqual(["actor"]);
    expect(records[0]?.record).toMatchObject({ case: "header", value: { formatVersion: 1 } });
    const events = records.filter(({ record }) => record.case === "event").length;
    expect(records.at(-1)?.record).toMatchObject({ case: "end", value: { deployments: 6n, events: BigInt(events) } });
    expect(
      JSON.stringify(records.map((record) => Buffer.from(bytesOf([record])[0] ?? "", "hex").toString("latin1"))),
    ).not.toContain("hunter2");
  });

  test("the export of an import is the export that it came from, byte for byte", async () => {
    await using source = await filledService();
    await using target = await embedService({ adminToken });
    const first = await exportAll(source.client);

    const answer = await importAll(target.client, first);
    const second = await exportAll(target.client);

    expect(answer).toMatchObject({ code: status.OK, refusals: [] });
    expect(answer.progress).toMatchObject({ complete: true, deploymentsImported: 6n, eventsKnown: 0n });
    expect(bytesOf(second)).toEqual(bytesOf(first));
    expect(bytesOf(await exportAll(source.client))).toEqual(bytesOf(first));
    for (const id of ["kept", "many", "redacted", "deleted", "purged", "unknown"]) {
      expect(await target.store.readDeployment(idOf(id))).toEqual(await source.store.readDeployment(idOf(id)));
    }
  });

  test("an import again stores nothing, and a dry run only tells", async () => {
    await using source = await filledService();
    await using target = await embedService({ adminToken });
    const records = await exportAll(source.client);

    const dry = await importAll(target.client, records, { dryRun: true });
    expect(await target.store.readDeployment(idOf("kept"))).toBeUndefined();
    const first = await importAll(target.client, records);
    const again = await importAll(target.client, records, { perMessage: 7 });

    expect(dry.progress).toEqual(first.progress);
    expect(again).toMatchObject({ code: status.OK, refusals: [] });
    expect(again.progress).toMatchObject({ eventsImported: 0n, eventsKnown: first.progress?.eventsImported });
    expect((await importAll(target.client, records, { dryRun: true })).progress).toEqual(again.progress);
  });

  test("an export is of one environment, if asked for", async () => {
    await using source = await filledService();
    await using target = await embedService({ adminToken });

    const records = await exportAll(source.client, { filter: { environment: "prod" } });

    expect((await importAll(target.client, records)).code).toBe(status.OK);
    expect(await target.store.readDeployment(idOf("kept"))).toBeDefined();
    expect(await target.store.readDeployment(idOf("purged"))).toBeUndefined();
  });

  test("the deployment that is redacted while its first page is read begins again, a longer one ends the export", async () => {
    await using source = await embedService({
      adminToken,
      around: (store) => {
        let isDone = false;
        return {
          ...store,
          readEvents: async (request) => {
            const page = await store.readEvents(request);
            const isFirst = request.cursor === 0;
            const [, second] = page.events;
            const isIt = request.deploymentId === "many" ? !isFirst : request.deploymentId === "kept" && isFirst;
            if (!isDone && isIt && second !== undefined) {
              isDone = request.deploymentId === "many";
              await redact(store, request.deploymentId, second, 1_800_000_000_000_000);
            }
            return page;
          },
        };
      },
    });
    await fillStore(source.store);

    const stream = exportAll(source.client);

    await expect(stream).rejects.toMatchObject({ code: status.ABORTED });
    await using target = await embedService({ adminToken });
    const records = await exportAll(source.client);
    expect(await importAll(target.client, records)).toMatchObject({ code: status.OK, refusals: [] });
  });
});
