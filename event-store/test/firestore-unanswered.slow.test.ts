import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "@jest/globals";

const opener = join(import.meta.dirname, "..", "src", "firestore", "store.ts");

// In a process of its own: what nobody catches ends it, which is what is looked for.
test("a store that Firestore never answered closes without an error that nobody can catch", async () => {
  const script = `
    const { openFirestoreStore } = await import(${JSON.stringify(opener)});
    const store = openFirestoreStore({ projectId: "demo-none", databaseId: "(default)", differingFields: () => [] });
    await store.readDeployment("d").catch((error) => console.log(error.reason));
    await store.close();
    console.log("closed");
    // The library answers its call, an error too, and then nothing is left to wait for.
  `;
  const environment = { FIRESTORE_EMULATOR_HOST: "127.0.0.1:1", METADATA_SERVER_DETECTION: "none" };
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [output, errors]: [string[], string[]] = [[], []];
  child.stdout.on("data", (text) => output.push(String(text)));
  child.stderr.on("data", (text) => errors.push(String(text)));

  const [code] = await once(child, "close");

  expect(errors.join("")).not.toContain("terminated");
  expect(output.join("")).toBe("STORE_UNAVAILABLE\nclosed\n");
  expect(code).toBe(0);
}, 60_000);
