import { readServiceSettings, type ServiceAddress } from "@activity-events/client";
import type { DeployingWorkflow } from "@activity-events/mappings";
import { ConfigError } from "@activity-events/process/config-error";
import { hostOf } from "@activity-events/process/http-address";
import { isIssuer } from "@activity-events/process/is-issuer";
import type { LogSettings } from "@activity-events/process/log";
import { logLevels } from "@activity-events/process/log-level";

/** Validated settings. */
export interface Config extends LogSettings {
  readonly host: string;
  /** Port to listen on; 0 picks a free one. */
  readonly port: number;
  readonly service: ServiceAddress;
  readonly secrets: Secrets;
  readonly workflows: readonly DeployingWorkflow[];
  readonly inbox: InboxSettings | undefined;
}

/** What senders prove themselves by; a route without it is off. */
export interface Secrets {
  readonly token: string | undefined;
  readonly githubSecret: string | undefined;
  readonly gitlabToken: string | undefined;
  readonly oidc: OidcSettings | undefined;
}

/** Tokens of Pub/Sub's pushes. */
export interface OidcSettings {
  readonly issuer: string;
  readonly audience: string;
  readonly accounts: readonly string[];
}

/** Topic that takes verified notifications. */
export interface InboxSettings {
  readonly projectId: string;
  readonly topic: string;
  /** `host:port` of Pub/Sub's emulator; it needs no credentials. */
  readonly emulator: string | undefined;
}

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
  // Cloud Run sets both, and reaches the container there.
  const portName = !environment.WEBHOOKS_PORT && environment.K_SERVICE && environment.PORT ? "PORT" : "WEBHOOKS_PORT";
  const port = Number(/^\d+$/.exec(text(portName, "50090"))?.[0] ?? Number.NaN);
  if (!(port <= 65_535)) faults.push(`${portName} must be an integer from 0 to 65535; found ${quoted(portName)}`);
  const { service, faults: serviceFaults } = readServiceSettings(environment);
  faults.push(...serviceFaults);
  const config: Config = {
    host: hostOf(text("HOST", "127.0.0.1")),
    port,
    service,
    secrets: readSecrets(environment, faults),
    workflows: listOf(environment.WEBHOOKS_GITHUB_WORKFLOWS).map(workflowOf),
    inbox: readInbox(environment, faults),
    logLevel: oneOf("LOG_LEVEL", "info", logLevels),
    logFormat: oneOf("LOG_FORMAT", isTerminal ? "pretty" : "json", ["pretty", "json"]),
  };
  if (faults.length > 0) throw new ConfigError(faults);
  return config;
}

/** Characters of a bearer token. Source: RFC 6750. */
const bearerToken = /^[A-Za-z0-9\-._~+/]+=*$/;

function readSecrets(environment: NodeJS.ProcessEnv, faults: string[]): Secrets {
  const secret = (name: string) => {
    const value = environment[name] || undefined;
    // A line end that came with a file is never meant, and makes every signature wrong.
    if (value !== undefined && value.trim() !== value) faults.push(`${name} must not begin or end with white space`);
    return value;
  };
  const token = secret("WEBHOOKS_TOKEN");
  if (token !== undefined && !bearerToken.test(token.trim())) {
    faults.push("WEBHOOKS_TOKEN must be of letters, digits and -._~+/=, as `openssl rand -hex 32` makes one");
  }
  return {
    token,
    githubSecret: secret("WEBHOOKS_GITHUB_SECRET"),
    gitlabToken: secret("WEBHOOKS_GITLAB_TOKEN"),
    oidc: readOidc(environment, faults),
  };
}

function readOidc(environment: NodeJS.ProcessEnv, faults: string[]): OidcSettings | undefined {
  const { WEBHOOKS_OIDC_AUDIENCE: audience, WEBHOOKS_OIDC_ISSUER } = environment;
  const accounts = listOf(environment.WEBHOOKS_OIDC_ACCOUNTS);
  const issuer = WEBHOOKS_OIDC_ISSUER || "https://accounts.google.com";
  if (!isIssuer(issuer)) {
    faults.push(`WEBHOOKS_OIDC_ISSUER must be an https URL; found ${JSON.stringify(issuer)}`);
  }
  if (audience && accounts.length === 0) {
    faults.push("WEBHOOKS_OIDC_ACCOUNTS must name the accounts that may push when WEBHOOKS_OIDC_AUDIENCE is set");
  }
  if (!audience && accounts.length > 0) {
    faults.push("WEBHOOKS_OIDC_AUDIENCE must be the audience of the tokens when WEBHOOKS_OIDC_ACCOUNTS is set");
  }
  return audience ? { issuer, audience, accounts } : undefined;
}

function readInbox(environment: NodeJS.ProcessEnv, faults: string[]): InboxSettings | undefined {
  const { WEBHOOKS_INBOX_TOPIC: topic, GOOGLE_CLOUD_PROJECT: projectId = "" } = environment;
  if (!topic) return undefined;
  if (projectId === "") faults.push("GOOGLE_CLOUD_PROJECT must be the project of the topic WEBHOOKS_INBOX_TOPIC");
  if (!environment.WEBHOOKS_OIDC_AUDIENCE) {
    faults.push("WEBHOOKS_OIDC_AUDIENCE must be set with WEBHOOKS_INBOX_TOPIC: nobody else may push to /inbox");
  }
  return { projectId, topic, emulator: environment.PUBSUB_EMULATOR_HOST || undefined };
}

/** Parses `NAME` or `NAME=ENVIRONMENT`. */
function workflowOf(text: string): DeployingWorkflow {
  const [, name = text, environment] = /^(.*?)=(.*)$/.exec(text) ?? [];
  return { name: name.trim(), environment: environment?.trim() };
}

function listOf(text = ""): readonly string[] {
  return text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}
