import { resolve } from "node:path";
import type { Config } from "../config.ts";
import { checkService, type ServiceFlags } from "../program/service-address.ts";
import { UsageError } from "../program/usage-error.ts";
import { type Context, type ContextFiles, contextFiles } from "./context.ts";

/** Makes a context of the flags that name a service, as `context add` gives them. Throws a `UsageError`. */
export function contextFromFlags(name: string, flags: ServiceFlags, config: Config): Context {
  const { address, runService, audience } = flags;
  if (address === undefined && runService === undefined) {
    throw new UsageError(
      `Say what ${name} connects to: --address HOST:PORT, or --run-service NAME --region REGION --project PROJECT.`,
    );
  }
  if (audience !== undefined && hasPassword(audience)) {
    throw new UsageError("--audience holds a password; a context keeps no secrets.");
  }
  return connectionOf(flags, config);
}

/** Returns the connection that flags or, without them, the environment name. Throws a `UsageError`. */
export function connectionOf(flags: ServiceFlags, config: Config): Context {
  const { audience, tls } = flags;
  const named = checkService(flags, config);
  // A relative path would name another file in every folder.
  const files = Object.fromEntries(
    contextFiles.flatMap((name) => (flags[name] === undefined ? [] : [[name, resolve(flags[name])]])),
  ) as ContextFiles;
  if (named.kind === "on Cloud Run") {
    return { runService: named.service, region: named.region, project: named.project, ...files };
  }
  const token = audience === undefined ? {} : { audience };
  return { address: named.address, ...(tls === true ? { tls } : {}), ...files, ...token };
}

function hasPassword(audience: string): boolean {
  return URL.canParse(audience) && new URL(audience).password !== "";
}
