import { type ExecFileSyncOptionsWithStringEncoding, execFileSync } from "node:child_process";
import { closeSync, fdatasyncSync, openSync, statfsSync, writeSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { join } from "node:path";
import { quantile } from "./statistics.ts";

const fileSystems: Readonly<Record<number, string>> = {
  61267: "ext4",
  1481003842: "xfs",
  2435016766: "btrfs",
  2035054128: "overlayfs",
  16914836: "tmpfs, where nothing is durable",
};

/** Describes machine, disk and commit, one line each. */
export function describeMachine({ folder, command }: { folder: string; command: string }): string[] {
  const type = statfsSync(folder).type;
  const memory = Math.round(totalmem() / 2 ** 30);
  return [
    `Machine: ${cpus().length} cores of ${cpus()[0]?.model.trim()}, ${memory} GiB, Linux ${release()}; Node ${process.version}`,
    `Disk: ${fileSystems[type] ?? `file system 0x${type.toString(16)}`}; write and fdatasync of 4 KiB take ${syncMs(folder).toFixed(2)} ms`,
    `Commit: ${commit()}; command: \`${command}\`; ${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC`,
  ];
}

function syncMs(folder: string): number {
  const file = openSync(join(folder, "sync"), "w");
  const block = Buffer.alloc(4_096, 1);
  const times = Array.from({ length: 300 }, () => {
    const begun = performance.now();
    writeSync(file, block);
    fdatasyncSync(file);
    return performance.now() - begun;
  });
  closeSync(file);
  return quantile(times, 0.5);
}

function commit(): string {
  const options: ExecFileSyncOptionsWithStringEncoding = {
    cwd: import.meta.dirname,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  };
  const git = (...args: string[]) => execFileSync("git", args, options).trim();
  try {
    return `${git("rev-parse", "--short", "HEAD")}${git("status", "--porcelain") === "" ? "" : " and changes"}`;
  } catch {
    return "unknown";
  }
}
