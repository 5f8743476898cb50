import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

/** A group of commands of gcloud, or a command. */
interface Group {
  readonly commands: Readonly<Record<string, Group>>;
  readonly flags: Readonly<Record<string, unknown>>;
}

/** Why this machine cannot tell which commands gcloud knows, and how to get it; undefined where it can. */
export function whyNoGcloud(): string | undefined {
  if (!existsSync(join(commandsFolder(), "gcloud_completions.py"))) return "install the Google Cloud CLI (gcloud)";
  return spawnSync("python3", ["--version"]).status === 0 ? undefined : "install python3";
}

/** All commands of gcloud, as it completes them. Source: the SDK's own table. */
export function gcloudCommands(): Group {
  const print = "import json, gcloud_completions as c; print(json.dumps(c.STATIC_COMPLETION_CLI_TREE))";
  const { status, stdout, stderr } = spawnSync("python3", ["-B", "-c", print], {
    env: { PATH: process.env.PATH, PYTHONPATH: commandsFolder() },
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`python3 cannot read the commands of gcloud: ${stderr}`);
  return JSON.parse(stdout);
}

/** Folder of the SDK with the table of its commands. */
function commandsFolder(): string {
  const asked = spawnSync("gcloud", ["info", "--format=value(installation.sdk_root)"], { encoding: "utf8" });
  return join(asked.stdout?.trim() || "/nowhere", "data", "cli");
}

/** What gcloud would not know of a command's words: the command itself, or flags. */
export function unknownToGcloud(root: Group, words: readonly string[]): readonly string[] {
  let group = root;
  const path: string[] = [];
  for (const word of words) {
    const next = group.commands[word];
    if (next === undefined) break;
    path.push(word);
    group = next;
  }
  if (Object.keys(group.commands).length > 0) return [`gcloud ${[...path, words[path.length]].join(" ")}`];
  const flags = words.filter((word) => word.startsWith("--")).map((word) => word.replace(/=.*$/s, ""));
  const isKnown = (flag: string) => flag in group.flags || flag in root.flags;
  return flags
    .filter((flag) => !isKnown(flag) && !(flag.startsWith("--no-") && isKnown(flag.replace("--no-", "--"))))
    .map((flag) => `gcloud ${path.join(" ")} ${flag}`);
}
