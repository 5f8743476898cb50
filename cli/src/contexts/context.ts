import { InvalidArgumentError } from "commander";
import { asksForTls } from "../program/service-address.ts";

/** Way to connect to one service, kept under a name. Holds no secret. */
export type Context = AddressContext | RunContext;

/** Absolute paths of the files that secure a connection. */
export interface ContextFiles {
  /** Authorities to trust, PEM. */
  readonly caFile?: string;
  /** Certificate that the client shows, and its key, PEM. */
  readonly clientCert?: string;
  readonly clientKey?: string;
  /** Token that each call carries. */
  readonly tokenFile?: string;
}

/** Names of these files. */
export const contextFiles = ["caFile", "clientCert", "clientKey", "tokenFile"] as const;

/** A service at an address. */
export interface AddressContext extends ContextFiles {
  /** `HOST:PORT` or `dns:///NAME:PORT`. */
  readonly address: string;
  readonly tls?: true;
  /** Audience of the ID token that each call carries. */
  readonly audience?: string;
}

/** A service whose address Cloud Run tells. */
export interface RunContext extends ContextFiles {
  readonly runService: string;
  readonly region: string;
  readonly project: string;
}

/** All contexts of a person. */
export interface Contexts {
  /** Name of the context that commands connect by, unless flags or the environment name another service. */
  readonly inUse: string | undefined;
  readonly byName: ReadonlyMap<string, Context>;
}

/** Parses the name of a context. A name is a word in every shell and needs no quotes. */
export function parseContextName(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text)) return text;
  throw new InvalidArgumentError(
    "Expected up to 64 letters, digits, dots, dashes and underscores, with a letter or digit first.",
  );
}

/** Describes what a context connects to: `events.example.com:443 (TLS, /etc/ca.pem)`. */
export function connectionText(context: Context): string {
  const [what, details] =
    "address" in context
      ? [context.address, [hasTls(context) && "TLS", context.audience && `token for ${context.audience}`]]
      : [`${context.runService} on Cloud Run`, [context.region, context.project]];
  const { caFile, clientCert, tokenFile } = context;
  const files = [caFile, clientCert && `certificate ${clientCert}`, tokenFile && `token in ${tokenFile}`];
  const all = [...details, ...files].filter(Boolean);
  return all.length === 0 ? what : `${what} (${all.join(", ")})`;
}

/** Tells whether a context asks for TLS. */
export function hasTls(context: Context): boolean {
  if (!("address" in context)) return true;
  return asksForTls(context);
}

/** Tells whether two connections lead to one service, by however different a way. */
export function isSameService(one: Context, other: Context): boolean {
  if ("address" in one) return "address" in other && one.address === other.address;
  if ("address" in other) return false;
  const { runService, region, project } = other;
  return one.runService === runService && one.region === region && one.project === project;
}
