import { existsSync } from "node:fs";
import { join } from "node:path";
import { ActivityEventsClient, type ServiceAddress, ServiceFileError, serviceFiles } from "@activity-events/client";
import { isLoopback } from "@activity-events/client/internal";
import type { Config } from "../config.ts";
import { UsageError } from "../program/usage-error.ts";

/** Opens the client of an admin once it is needed. */
export class AdminClient {
  readonly #client: ActivityEventsClient;
  readonly #service: ServiceAddress;
  readonly #config: Pick<Config, "dataFolder">;
  #admin: ActivityEventsClient | undefined;

  /** `client` is that of the same service without an admin token. */
  constructor(client: ActivityEventsClient, service: ServiceAddress, config: Pick<Config, "dataFolder">) {
    this.#client = client;
    this.#service = service;
    this.#config = config;
  }

  /** Throws a `UsageError` if the file of the token cannot be used. */
  open(): ActivityEventsClient {
    if (this.#admin !== undefined) return this.#admin;
    const service = withAdminToken(this.#service, this.#config);
    this.#admin = service === this.#service ? this.#client : new ActivityEventsClient(service);
    return this.#admin;
  }

  close(): void {
    this.#admin?.close();
  }
}

/** Returns where an embedded service of this account keeps its admin token; undefined for an account without a home. */
export function adminTokenFile({ dataFolder }: Pick<Config, "dataFolder">): string | undefined {
  return dataFolder === undefined ? undefined : join(dataFolder, "admin-token");
}

/**
 * Returns the service with the admin token of the embedded service, if the way leads to this machine, carries no other credentials, and
 * this account has the token. Throws a `UsageError` if the file cannot be used.
 */
function withAdminToken(service: ServiceAddress, config: Pick<Config, "dataFolder">): ServiceAddress {
  const { address, token, idTokenAudience, clientCertificate } = service;
  const hasOther = [token, idTokenAudience, clientCertificate].some((credential) => credential !== undefined);
  const file = adminTokenFile(config);
  if (file === undefined || hasOther || !isLoopback(address) || !existsSync(file)) return service;
  try {
    return { ...service, ...serviceFiles({ tokenFile: file }) };
  } catch (error) {
    if (!(error instanceof ServiceFileError)) throw error;
    throw new UsageError(`The admin token ${error.message}.`, { cause: error });
  }
}
