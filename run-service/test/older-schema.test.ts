import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { expect, test } from "@jest/globals";
import { startService } from "./start-service.ts";

const file = join(import.meta.dirname, "..", "..", "event-store", "test", "files", "schema-3.db");

test("says in its log how far a store of an older schema is brought along, and serves it then", async () => {
  using folder = temporaryFolder();
  copyFileSync(file, join(folder.path, "events.db"));

  await using service = await startService({ STORE: "sqlite", DATA_DIR: folder.path });

  const isDone = ({ toSchema, done, total }: Readonly<Record<string, unknown>>) =>
    toSchema !== undefined && done === total;
  expect(await service.process.line(isDone)).toMatchObject({ severity: "INFO", fromSchema: 3, total: 2 * 304 });
});
