import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { removeTemporaryFolders, temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { WorkerThread } from "../src/sqlite/threads/worker-thread.ts";

let folder: string;
beforeEach(() => {
  folder = temporaryFolder().path;
});
afterEach(removeTemporaryFolders);

async function threadOf(body: string): Promise<WorkerThread<string, string>> {
  const script = join(folder, "script.mjs");
  await writeFile(script, `import { parentPort } from "node:worker_threads";\n${body}`);
  return new WorkerThread(pathToFileURL(script), {});
}

test("answers each request in the order in which it was asked", async () => {
  const thread = await threadOf(
    'parentPort.on("message", (text) => (text === "end" ? parentPort.close() : parentPort.postMessage(text.toUpperCase())));',
  );

  const answers = await Promise.all(["a", "b", "c"].map((text) => thread.ask(text)));

  expect(answers).toEqual(["A", "B", "C"]);
  thread.ask("end").catch(() => {});
  await thread.died;
});

test("rejects what waits, and what is asked later, when the thread dies", async () => {
  const thread = await threadOf('parentPort.once("message", () => process.exit(7));');

  const waiting = thread.ask("one");

  await expect(waiting).rejects.toThrow("the store's thread ended with code 7");
  await expect(thread.ask("two")).rejects.toThrow("ended with code 7");
  expect((await thread.died).message).toContain("ended with code 7");
});

test("tells why the thread died of an error", async () => {
  const thread = await threadOf('throw new Error("out of luck");');

  thread.start();

  expect((await thread.died).message).toBe("out of luck");
});
