import {
  type CloudRunService,
  findService,
  type ServiceAddress,
  ServiceFileError,
  type ServiceFiles,
  type ServiceSecurity,
  serviceFiles,
} from "@activity-events/client";
import { isLoopback } from "@activity-events/client/internal";
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
  readonly clientCert?: string;
  readonly clientKey?: string;
  readonly tokenFile?: string;
}

/** A service as flags and environment name it. */
export type NamedService =
  | ({ readonly kind: "at an address" } & ServiceAddress)
  | ({ readonly kind: "on Cloud Run"; readonly security: ServiceSecurity } & CloudRunService);

/**
 * Finds the service that flags or, without them, the environment name; asks Cloud Run for the address of `--run-service`. Throws
 * a `UsageError`.
 */
export async function serviceAddress(flags: ServiceFlags, config: Config): Promise<ServiceAddress> {
  const named = checkService(flags, config);
  if (named.kind === "at an address") return named;
  const { kind: _, security, ...service } = named;
  return await findService(service, { endpoint: config.runEndpoint, ...security });
}

/** Checks that flags and environment name a service, and reads the files of certificates and token. Throws a `UsageError`. */
export function checkService(flags: ServiceFlags, config: Config): NamedService {
  const { runService, region, audience } = flags;
  const security = securityOf(flags);
  if (runService === undefined) {
    if (region !== undefined || flags.project !== undefined) {
      throw new UsageError("--region and --project require --run-service, before the command.");
    }
    const address = flags.address ?? addressOf(config);
    const tls = asksForTls(flags);
    if (security.token !== undefined && !tls && !isLoopback(address)) {
      throw new UsageError(`--token-file: a token is sent to other machines over TLS only; add --tls.`);
    }
    return { kind: "at an address", address, tls, idTokenAudience: audience, ...security };
  }
  if (flags.address !== undefined || audience !== undefined) {
    throw new UsageError("--run-service looks the address up on Cloud Run; it excludes --address and --audience.");
  }
  const project = flags.project ?? config.project;
  if (region === undefined) throw new UsageError("--run-service requires --region, such as europe-west1.");
  if (project === undefined) throw new UsageError("--run-service requires --project or GOOGLE_CLOUD_PROJECT.");
  return { kind: "on Cloud Run", service: runService, region, project, security };
}

/** Tells whether flags ask for TLS, by its own flag or by one that needs it. */
export function asksForTls({ tls, audience, caFile, clientCert }: ServiceFlags): boolean {
  return tls === true || [audience, caFile, clientCert].some((flag) => flag !== undefined);
}

const flagOf: Readonly<Record<keyof ServiceFiles, string>> = {
  caFile: "--ca-file",
  clientCertFile: "--client-cert",
  clientKeyFile: "--client-key",
  tokenFile: "--token-file",
};

function securityOf({ caFile, clientCert, clientKey, tokenFile }: ServiceFlags): ServiceSecurity {
  try {
    return serviceFiles({ caFile, clientCertFile: clientCert, clientKeyFile: clientKey, tokenFile });
  } catch (error) {
    if (!(error instanceof ServiceFileError)) throw error;
    throw new UsageError(`${flagOf[error.of]} ${error.message}.`, { cause: error });
  }
}

function addressOf({ address = defaultAddress }: Config): string {
  try {
    return parseAddress(address);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw new UsageError(`ACTIVITY_ADDRESS is "${address}". ${error.message}`);
  }
}
