import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { until } from "@activity-events/testing/until";
import { afterEach, expect, test } from "@jest/globals";
import { embedService } from "../../../run-service/test/embed-service.ts";
import { fillStore, idOf } from "../../../run-service/test/export-records.ts";
import { adminToken } from "../../../run-service/test/transfer.ts";
import { endClients, runClient, startClient } from "./running-client.ts";

afterEach(endClients);

/** A file with an export, and the flags that an admin's call takes. */
async function exportedFile(folder: string) {
  await using source = await embedService({ adminToken });
  await fillStore(source.store, { many: 4_000 });
  const tokenFile = join(folder, "admin-token");
  writeFileSync(tokenFile, adminToken);
  const flags = ["--token-file", tokenFile];
  const file = join(folder, "export");
  await runClient({ args: [...flags, "export", file], address: source.address });
  return { flags, file };
}

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGKILL", null],
] as const)("an import that %s ends keeps what it has stored, and once more completes it", async (signal, exitCode) => {
  using folder = temporaryFolder();
  const { flags, file } = await exportedFile(folder.path);
  await using target = await embedService({ adminToken });
  const lines = readFileSync(file, "utf8").split("\n");

  const half = `${lines.slice(0, 2_000).join("\n")}\n`;
  const call = startClient({ args: [...flags, "import"], input: half, inputStaysOpen: true, address: target.address });
  await until(
    async () => ((await target.store.readDeployment(idOf("many")))?.headSequence ?? 0) >= 1_000,
    "half is stored",
  );
  call.child.kill(signal);
  const [code] = await once(call.child, "close");
  const kept = (await target.store.readDeployment(idOf("many")))?.headSequence ?? 0;
  const again = await runClient({ args: [...flags, "import", file], address: target.address });

  expect(code).toBe(exitCode);
  expect(kept).toBeLessThan(4_001);
  if (signal !== "SIGKILL") expect(call.errors()).toMatch(/All up to line \d+ is done; go on with --from-line \d+\./);
  expect(again).toMatchObject({ exitCode: 0, errors: "" });
  const copy = join(folder.path, "copy");
  await runClient({ args: [...flags, "export", copy], address: target.address });
  expect(readFileSync(copy)).toEqual(readFileSync(file));
});

test("an export that Ctrl-C ends leaves the file from before, and nothing beside it", async () => {
  using folder = temporaryFolder();
  const { flags, file } = await exportedFile(folder.path);
  const before = readFileSync(file);
  let isHeld = false;
  await using source = await embedService({
    adminToken,
    around: (store) => ({
      ...store,
      readEvents: () => {
        isHeld = true;
        return new Promise(() => {});
      },
    }),
  });
  await fillStore(source.store, { many: 400 });

  const call = startClient({ args: [...flags, "export", file], address: source.address });
  await until(() => isHeld, "the export reads");
  call.child.kill("SIGINT");
  await call.ended;

  expect(readFileSync(file)).toEqual(before);
  expect(readdirSync(folder.path).sort()).toEqual(["admin-token", "export"]);
});
