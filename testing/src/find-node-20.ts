import { spawnSync } from "node:child_process";
import { delimiter, join } from "node:path";

const { env } = process;

/** A Node 20 of this machine: what NODE_20 names, or the first one on PATH. */
export function findNode20(): string | undefined {
  const onPath = (env.PATH ?? "").split(delimiter).map((folder) => join(folder, "node"));
  const candidates = env.NODE_20 ? [env.NODE_20, ...onPath] : onPath;
  return candidates.find((node) => spawnSync(node, ["--version"], { encoding: "utf8" }).stdout?.startsWith("v20."));
}

/** The reason why tests with Node 20 cannot run here, and the way out; undefined when they can. */
export function whyNoNode20(): string | undefined {
  if (findNode20() !== undefined) return undefined;
  return "PATH has no Node 20; `npm install --prefix FOLDER node@20` brings one, and NODE_20=FOLDER/node_modules/node/bin/node names it";
}
