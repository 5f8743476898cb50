import { isLoopback, type ServiceAddress } from "../calls/open-channel.ts";
import { parseServiceAddress } from "../calls/parse-service-address.ts";
import { ServiceFileError, type ServiceFiles, type ServiceSecurity, serviceFiles } from "./service-files.ts";

/** A service as variables name it, and a line for each that is wrong. */
export interface ServiceSettings {
  readonly service: ServiceAddress;
  readonly faults: readonly string[];
}

const settingOf: Readonly<Record<keyof ServiceFiles, string>> = {
  caFile: "ACTIVITY_CA_FILE",
  clientCertFile: "ACTIVITY_CLIENT_CERT_FILE",
  clientKeyFile: "ACTIVITY_CLIENT_KEY_FILE",
  tokenFile: "ACTIVITY_TOKEN_FILE",
};

/**
 * Reads where the service is and how to reach it: `ACTIVITY_ADDRESS` (by default 127.0.0.1:50051), `ACTIVITY_AUDIENCE`,
 * `ACTIVITY_CA_FILE`, `ACTIVITY_CLIENT_CERT_FILE`, `ACTIVITY_CLIENT_KEY_FILE` and `ACTIVITY_TOKEN_FILE`. Files of certificates imply
 * TLS. An empty value counts as unset.
 */
export function readServiceSettings(environment: Readonly<Record<string, string | undefined>>): ServiceSettings {
  const address = environment.ACTIVITY_ADDRESS || "127.0.0.1:50051";
  const parsed = parseServiceAddress(address, environment.ACTIVITY_AUDIENCE || undefined);
  const { security, fault } = readFiles(environment);
  const isSecured = security.rootCertificates !== undefined || security.clientCertificate !== undefined;
  const { tls = false, ...named } = parsed ?? { address };
  const service: ServiceAddress = { ...named, tls: tls || isSecured, ...security };
  const faults: string[] = [];
  if (parsed === undefined)
    faults.push(`ACTIVITY_ADDRESS must be HOST:PORT or https://HOST; found ${JSON.stringify(address)}`);
  else if (service.token !== undefined && !service.tls && !isLoopback(service.address))
    faults.push(
      `ACTIVITY_TOKEN_FILE needs TLS, except to this machine: write ACTIVITY_ADDRESS as https://HOST:PORT; found ${JSON.stringify(address)}`,
    );
  if (fault !== undefined) faults.push(fault);
  return { service, faults };
}

interface ReadFiles {
  readonly security: ServiceSecurity;
  readonly fault?: string;
}

function readFiles(environment: Readonly<Record<string, string | undefined>>): ReadFiles {
  const { caFile, clientCertFile, clientKeyFile, tokenFile } = settingOf;
  const file = (setting: string) => environment[setting] || undefined;
  try {
    const security = serviceFiles({
      caFile: file(caFile),
      clientCertFile: file(clientCertFile),
      clientKeyFile: file(clientKeyFile),
      tokenFile: file(tokenFile),
    });
    return { security };
  } catch (error) {
    if (!(error instanceof ServiceFileError)) throw error;
    return { security: {}, fault: `${settingOf[error.of]} ${error.message}` };
  }
}
