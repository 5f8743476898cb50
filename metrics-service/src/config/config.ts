import { readServiceSettings, type ServiceAddress } from "@activity-events/client";
import { ConfigError } from "@activity-events/process/config-error";
import { hostOf } from "@activity-events/process/http-address";
import { isIssuer } from "@activity-events/process/is-issuer";
import { isLoopback } from "@activity-events/process/is-loopback";
import type { LogSettings } from "@activity-events/process/log";
import { logLevels } from "@activity-events/process/log-level";

/** Validated settings. */
export interface Config extends LogSettings {
  readonly host: string;
  /** Port to listen on; 0 picks a free one. */
  readonly port: number;
  readonly service: ServiceAddress;
  readonly access: AccessSettings;
  /** Path of the access file; undefined: every viewer sees what the page reads. */
  readonly accessFile: string | undefined;
  readonly isCloudRun: boolean;
  /** Origins of the page beside its own, such as `https://activity.example`. */
  readonly allowedOrigins: readonly string[];
}

/** Who says who a viewer is. */
export type AccessSettings =
  /** Only this machine reaches the page. */
  | { readonly kind: "loopback" }
  /** Nobody checks identities, as said explicitly. */
  | { readonly kind: "open" }
  | { readonly kind: "iap"; readonly audience: string }
  | { readonly kind: "oidc"; readonly issuer: string; readonly audience: string };

const accessKinds = ["iap", "oidc", "open"] as const;

/** Checks all settings. Throws a ConfigError with every fault. An empty value counts as unset. */
export function readConfig(environment: NodeJS.ProcessEnv, isTerminal: boolean): Config {
  const faults: string[] = [];
  const text = (name: string, fallback = "") => environment[name] || fallback;
  const quoted = (name: string, fallback = "") => JSON.stringify(text(name, fallback));
  const oneOf = <Value extends string>(name: string, fallback: Value, values: readonly Value[]): Value => {
    const known = values.find((value) => value === text(name, fallback));
    if (known === undefined) faults.push(`${name} must be one of ${values.join(", ")}; found ${quoted(name)}`);
    return known ?? fallback;
  };

  const host = hostOf(text("HOST", "127.0.0.1"));
  // Cloud Run sets both, and reaches the container there.
  const portName = !environment.PAGE_PORT && environment.K_SERVICE && environment.PORT ? "PORT" : "PAGE_PORT";
  const port = Number(/^\d+$/.exec(text(portName, "50080"))?.[0] ?? Number.NaN);
  if (!(port <= 65_535)) faults.push(`${portName} must be an integer from 0 to 65535; found ${quoted(portName)}`);
  const { service, faults: serviceFaults } = readServiceSettings(environment);
  faults.push(...serviceFaults);
  const allowedOrigins = text("ALLOWED_ORIGINS")
    .split(",")
    .map((origin) => origin.trim())
    .filter((origin) => origin !== "");
  for (const origin of allowedOrigins) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin)
      faults.push(
        `ALLOWED_ORIGINS must list origins such as https://activity.example; found ${JSON.stringify(origin)}`,
      );
  }
  const config: Config = {
    host,
    port,
    service,
    access: readAccess(environment, host, faults),
    accessFile: text("ACCESS_FILE") || undefined,
    isCloudRun: text("K_SERVICE") !== "",
    allowedOrigins,
    logLevel: oneOf("LOG_LEVEL", "info", logLevels),
    logFormat: oneOf("LOG_FORMAT", isTerminal ? "pretty" : "json", ["pretty", "json"]),
  };
  if (faults.length > 0) throw new ConfigError(faults);
  return config;
}

function readAccess(environment: NodeJS.ProcessEnv, host: string, faults: string[]): AccessSettings {
  const { PAGE_ACCESS, IAP_AUDIENCE, OIDC_ISSUER, OIDC_AUDIENCE } = environment;
  const required = (name: string, value: string | undefined, what: string) => {
    if (!value) faults.push(`${name} must be ${what} when PAGE_ACCESS is ${PAGE_ACCESS}`);
    return value ?? "";
  };
  switch (PAGE_ACCESS) {
    case "":
    case undefined:
      if (!isLoopback(host)) {
        faults.push(
          `PAGE_ACCESS must be iap, oidc or open when HOST is ${JSON.stringify(host)}, which other machines reach: everybody there could read all events`,
        );
      }
      return { kind: "loopback" };
    case "open":
      return { kind: "open" };
    case "iap":
      return { kind: "iap", audience: required("IAP_AUDIENCE", IAP_AUDIENCE, "the audience of IAP's assertion") };
    case "oidc": {
      const issuer = required("OIDC_ISSUER", OIDC_ISSUER, "the URL of the issuer of tokens");
      if (issuer !== "" && !isIssuer(issuer))
        faults.push(`OIDC_ISSUER must be an https URL; found ${JSON.stringify(issuer)}`);
      return { kind: "oidc", issuer, audience: required("OIDC_AUDIENCE", OIDC_AUDIENCE, "the audience of tokens") };
    }
    default:
      faults.push(`PAGE_ACCESS must be one of ${accessKinds.join(", ")}; found ${JSON.stringify(PAGE_ACCESS)}`);
      return { kind: "loopback" };
  }
}
