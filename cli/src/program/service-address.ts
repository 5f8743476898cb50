import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { type CloudRunService, findService, type ServiceAddress } from "@activity-events/client";
import { InvalidArgumentError } from "commander";
import { type Config, defaultAddress } from "../config.ts";
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
  readonly caFile?: string;
}

/** A service as flags and environment name it. */
export type NamedService =
  | ({ readonly kind: "at an address"; readonly rootCertificates: string | undefined } & ServiceAddress)
  | ({ readonly kind: "on Cloud Run"; readonly rootCertificates: string | undefined } & CloudRunService);

/**
 * Finds the service that flags or, without them, the environment name; asks Cloud Run for the address of `--run-service`. Throws
 * a `UsageError`.
 */
export async function serviceAddress(flags: ServiceFlags, config: Config): Promise<ServiceAddress> {
  const named = checkService(flags, config);
  if (named.kind === "at an address") return named;
  const { kind: _, rootCertificates, ...service } = named;
  return { ...(await findService(service, { endpoint: config.runEndpoint })), rootCertificates };
}

/** Checks that flags and environment name a service, and reads the certificates of `--ca-file`. Throws a `UsageError`. */
export function checkService(flags: ServiceFlags, config: Config): NamedService {
  const { runService, region, audience, caFile } = flags;
  const rootCertificates = caFile === undefined ? undefined : certificatesOf(caFile);
  if (runService === undefined) {
    if (region !== undefined || flags.project !== undefined) {
      throw new UsageError("--region and --project require --run-service, before the command.");
    }
    const address = flags.address ?? addressOf(config);
    const tls = flags.tls === true || audience !== undefined || caFile !== undefined;
    return { kind: "at an address", address, tls, rootCertificates, idTokenAudience: audience };
  }
  if (flags.address !== undefined || audience !== undefined) {
    throw new UsageError("--run-service looks the address up on Cloud Run; it excludes --address and --audience.");
  }
  const project = flags.project ?? config.project;
  if (region === undefined) throw new UsageError("--run-service requires --region, such as europe-west1.");
  if (project === undefined) throw new UsageError("--run-service requires --project or GOOGLE_CLOUD_PROJECT.");
  return { kind: "on Cloud Run", service: runService, region, project, rootCertificates };
}

function certificatesOf(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
    createSecureContext({ ca: text });
  } catch (cause) {
    const { code = "invalid" } = cause as NodeJS.ErrnoException;
    throw new UsageError(`--ca-file ${file}: cannot read certificates: ${code}.`, { cause });
  }
  if (!text.includes("-----BEGIN CERTIFICATE-----")) {
    throw new UsageError(`--ca-file ${file}: it holds no certificate in PEM form.`);
  }
  return text;
}

function addressOf({ address = defaultAddress }: Config): string {
  try {
    return parseAddress(address);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw new UsageError(`ACTIVITY_ADDRESS is "${address}". ${error.message}`);
  }
}
