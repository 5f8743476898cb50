import { globSync, readFileSync } from "node:fs";

/** Finds the process of a parent whose command has this text (Linux only). */
export function childOf(parent: number, text: string): number {
  const found = globSync("/proc/[0-9]*").find((folder) => {
    const { parentId } = statOf(folder) ?? {};
    return parentId === parent && readFileSync(`${folder}/cmdline`, "utf8").includes(text);
  });
  return Number(found?.slice("/proc/".length));
}

/** Tells whether a process runs: one that has ended may still wait for its parent (Linux only). */
export function isRunning(pid: number): boolean {
  const { state = "Z" } = statOf(`/proc/${pid}`) ?? {};
  return state !== "Z";
}

function statOf(folder: string): { readonly state: string; readonly parentId: number } | undefined {
  try {
    const [, state = "", parentId] = /\) (\S) (\d+) /.exec(readFileSync(`${folder}/stat`, "utf8")) ?? [];
    return { state, parentId: Number(parentId) };
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
}
