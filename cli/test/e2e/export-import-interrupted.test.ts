import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cleanUp } from "@activity-events/testing/running-service";
import { openTcpProxy } from "@activity-events/testing/tcp-proxy";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { until } from "@activity-events/testing/until";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { type AdministeredService, fill, startAdministered } from "./filled-service.ts";
import { endClients, runClient, startClient } from "./running-client.ts";

let source: AdministeredService;
let whole = "";
beforeAll(async () => {
  source = await startAdministered();
  await fill(source, { many: 4_000 });
  whole = await exportOf(source);
});
afterEach(endClients);
afterAll(async () => {
  await source[Symbol.asyncDispose]();
  await cleanUp();
});

async function exportOf({ address, environment }: AdministeredService): Promise<string> {
  return (await runClient({ args: ["export"], address, environment })).output;
}

async function headOfMany(service: AdministeredService): Promise<number> {
  const head = (await service.deployments()).find(({ deploymentId }) => deploymentId === "many");
  return Number(head?.headSequence ?? 0);
}

const signals = [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGKILL", null],
] as const;

test.each(signals)(
  "an import that %s ends keeps what it has stored, and once more completes it",
  async (signal, exitCode) => {
    await using target = await startAdministered();
    const { address, environment } = target;
    const half = `${whole.split("\n").slice(0, 2_000).join("\n")}\n`;

    const call = startClient({ args: ["import"], input: half, inputStaysOpen: true, address, environment });
    await until(async () => (await headOfMany(target)) >= 1_000, "half is stored");
    call.child.kill(signal);
    const ended = await call.ended;
    const kept = await headOfMany(target);
    const again = await runClient({ args: ["import"], input: whole, address, environment });

    expect(ended.exitCode).toBe(exitCode);
    expect(kept).toBeLessThan(4_001);
    if (signal !== "SIGKILL") expect(ended.errors).toMatch(/All up to line \d+ is done; go on with --from-line \d+\./);
    expect(again).toMatchObject({ exitCode: 0, errors: "" });
    expect(await exportOf(target)).toBe(whole);
  },
);

test.each(signals)(
  "an export that %s ends leaves the file from before, and once more replaces it",
  async (signal, exitCode) => {
    const { environment, address } = source;
    const folder = temporaryFolder().path;
    const file = join(folder, "export");
    writeFileSync(file, "from before");
    const proxy = await openTcpProxy(address);
    proxy.cutOffAfter(20_000);
    const isBegun = () => readdirSync(folder).length > 1 && proxy.lostBytes > 0;

    const call = startClient({ args: ["export", file], address: proxy.address, environment });
    await until(isBegun, "the export is under way");
    call.child.kill(signal);
    const ended = await call.ended;
    await proxy.close();

    expect(ended).toEqual({ exitCode, output: "", errors: "" });
    expect(readFileSync(file, "utf8")).toBe("from before");
    // Nobody can tidy up after SIGKILL.
    if (signal !== "SIGKILL") expect(readdirSync(folder)).toEqual(["export"]);
    expect(await runClient({ args: ["export", file], address, environment })).toMatchObject({
      exitCode: 0,
      errors: "",
    });
    expect(readFileSync(file, "utf8")).toBe(whole);
  },
);
