import { ConfigError } from "@activity-events/process/config-error";
import { isLoopback } from "@activity-events/process/is-loopback";
import type { Config } from "./config.ts";

/** Throws a ConfigError if others than this machine could call, and nothing says who may. On Cloud Run, IAM guards the door. */
export function checkGuarded({ host, accessFile, isOpen, isCloudRun }: Config): void {
  if (isLoopback(host) || accessFile !== undefined || isOpen || isCloudRun) return;
  throw new ConfigError([
    `HOST is ${host}, which others can reach, but nothing says who may do what; set one of`,
    "  ACCESS_FILE=access.yaml   a file of who may do what (docs/access.md)",
    "  ACCESS=open               everybody who reaches it may do everything",
  ]);
}
