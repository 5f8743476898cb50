import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";

const storeModule = new URL("../src/sqlite/store.ts", import.meta.url).href;
const buildersModule = new URL("../contract/builders.ts", import.meta.url).href;

/**
 * Runs a script in a process of its own, with `open`, `append(store, deploymentId, count)`, which says what was
 * acknowledged, and `kill`, which ends the process as kill -9 does; and kills it, too, after so many lines, or at a step of
 * its appending thread (`kill-at-step.mjs`). Answers its lines;
 * throws when the script fails.
 */
export async function runStoreProcess(
  file: string,
  script: string,
  linesMax = Number.MAX_SAFE_INTEGER,
  { killAt }: { readonly killAt?: number } = {},
) {
  const prelude = `
    import { openSqliteStore } from ${JSON.stringify(storeModule)};
    import { append as appendTo, codec, deploymentId, encode, eventId, newEvent, newEvents, readEvents } from ${JSON.stringify(buildersModule)};
    import { writeSync } from "node:fs";
    const say = (line) => writeSync(1, line + "\\n");
    const kill = () => { process.kill(process.pid, "SIGKILL"); return new Promise(() => {}); };
    const open = () => openSqliteStore({ file: ${JSON.stringify(file)}, codec });
    let made = 0;
    const another = () => newEvent({ id: process.pid + "-" + made++, content: new Uint8Array(50 + (made * 37) % 400) });
    const append = async (store, deploymentId, count) => {
      const events = Array.from({ length: count }, another);
      const appended = await store.append({ deploymentId, events, expected: { kind: "any" }, receiveTimeUs: 1 }, { deadlineMs: Date.now() + 60_000 });
      say(deploymentId + " " + appended.at(-1).event.sequence);
    };
  `;
  const program = join(dirname(file), "script.mjs");
  writeFileSync(program, prelude + script);
  const hook = killAt === undefined ? [] : ["--import", new URL("./kill-at-step.mjs", import.meta.url).href];
  const child = spawn(process.execPath, [...hook, program], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, KILL_AT: `${killAt ?? 0}` },
  });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line);
    if (lines.length === linesMax) child.kill("SIGKILL");
  });
  const [code, signal] = await once(child, "close");
  if (code !== 0 && signal !== "SIGKILL")
    throw new Error(`the script ended with ${code ?? signal}:\n${lines.join("\n")}`);
  return lines;
}

/** The last sequence of each deployment that these lines tell of. */
export function acknowledgedIn(lines: readonly string[]): Map<string, number> {
  const heads = new Map<string, number>();
  for (const line of lines) {
    const [, id = "", sequence] = /^(\S+) (\d+)$/.exec(line) ?? [];
    if (sequence !== undefined) heads.set(id, Math.max(heads.get(id) ?? 0, Number(sequence)));
  }
  return heads;
}
