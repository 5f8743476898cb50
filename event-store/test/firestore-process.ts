import { spawn } from "node:child_process";
import { once } from "node:events";
import type { FirestoreSettings } from "../src/index.ts";

const folder = new URL(".", import.meta.url);

/**
 * Runs a script in a process of its own, with a `store` and what it imports, and kills the process, as kill -9 does, before or after
 * the write with this number, from 1. Returns false if the script came to its end before. Throws if it fails.
 */
export async function diesAtWrite(
  settings: FirestoreSettings,
  { write, when, script }: { readonly write: number; readonly when: "before" | "after"; readonly script: string },
): Promise<boolean> {
  const program = `
    import { WriteBatch } from "@google-cloud/firestore";
    import { codec } from "../contract/builders.ts";
    import { openFirestoreStore } from "../src/firestore/store.ts";
    let writes = 0;
    const die = () => { process.kill(process.pid, "SIGKILL"); return new Promise(() => {}); };
    const commit = WriteBatch.prototype.commit;
    WriteBatch.prototype.commit = async function (...given) {
      writes += 1;
      const isLast = writes === ${write};
      if (isLast && ${when === "before"}) await die();
      const answer = await commit.apply(this, given);
      if (isLast) await die();
      return answer;
    };
    const store = openFirestoreStore({ ...${JSON.stringify(settings)}, codec });
    ${script}
    await store.close();`;
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", program],
    {
      cwd: folder,
      stdio: ["ignore", "inherit", "inherit"],
    },
  );
  const [code, signal] = await once(child, "close");
  if (signal === "SIGKILL") return true;
  if (code === 0) return false;
  throw new Error(`the script ended with ${code ?? signal}`);
}
