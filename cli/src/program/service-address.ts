import { findService, type ServiceAddress } from "@activity-events/client";
import { InvalidArgumentError } from "commander";
import type { Config } from "../config.ts";
import { parseAddress } from "../flags/parse-flags.ts";
import { UsageError } from "./usage-error.ts";

/** Flags that name the service. */
export interface ServiceFlags {
  readonly address?: string;
  readonly audience?: string;
  readonly runService?: string;
  readonly region?: string;
  readonly project?: string;
  readonly tls?: boolean;
}

/** Finds the service that flags and environment name; asks Cloud Run for the address of `--service`. Throws a `UsageError`. */
export async function serviceAddress(flags: ServiceFlags, config: Config): Promise<ServiceAddress> {
  const { runService, region, audience } = flags;
  if (runService === undefined) {
    if (region !== undefined || flags.project !== undefined) {
      throw new UsageError("--region and --project require --service, before the command.");
    }
    const address = flags.address ?? addressOf(config);
    return { address, tls: flags.tls === true || audience !== undefined, idTokenAudience: audience };
  }
  if (flags.address !== undefined || audience !== undefined) {
    throw new UsageError("--service looks the address up on Cloud Run; it excludes --address and --audience.");
  }
  const project = flags.project ?? config.project;
  if (region === undefined) throw new UsageError("--service requires --region, such as europe-west1.");
  if (project === undefined) throw new UsageError("--service requires --project or GOOGLE_CLOUD_PROJECT.");
  return findService({ service: runService, region, project }, { endpoint: config.runEndpoint });
}

function addressOf({ address }: Config): string {
  try {
    return parseAddress(address);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw new UsageError(`ACTIVITY_ADDRESS is "${address}". ${error.message}`);
  }
}
