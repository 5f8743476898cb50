import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import type { ServiceAddress } from "../calls/open-channel.ts";
import type { ClientCertificate } from "./fresh-credentials.ts";

/** Files that say how to reach a service safely. */
export interface ServiceFiles {
  /** Authorities to trust, PEM, in place of Node's. */
  readonly caFile?: string | undefined;
  /** Certificate that the client shows, then its issuers, PEM. */
  readonly clientCertFile?: string | undefined;
  /** Key of that certificate, PEM, not encrypted. */
  readonly clientKeyFile?: string | undefined;
  /** Token that each call carries; white space around it does not count. */
  readonly tokenFile?: string | undefined;
}

/** A file that cannot be used. The message names it and begins with a verb: `ca.pem does not exist`. */
export class ServiceFileError extends Error {
  override readonly name = "ServiceFileError";
  /** What the file is for. */
  readonly of: keyof ServiceFiles;

  constructor(of: keyof ServiceFiles, message: string, options?: ErrorOptions) {
    super(message, options);
    this.of = of;
  }
}

/** Security of a service, as its address takes it. */
export type ServiceSecurity = Pick<ServiceAddress, "rootCertificates" | "clientCertificate" | "token">;

/**
 * Reads the files, and again with each connection, or each call for the token, so that renewed ones need no restart. Throws a
 * `ServiceFileError` if one of them cannot be used now; later such a fault fails the connection or the call.
 */
export function serviceFiles(files: ServiceFiles): ServiceSecurity {
  const { caFile, clientCertFile, clientKeyFile, tokenFile } = files;
  if (clientCertFile !== undefined && clientKeyFile === undefined) {
    throw new ServiceFileError("clientKeyFile", `is missing: ${clientCertFile} needs the file of its key`);
  }
  if (clientKeyFile !== undefined && clientCertFile === undefined) {
    throw new ServiceFileError("clientCertFile", `is missing: ${clientKeyFile} needs the file of its certificate`);
  }
  const roots = caFile === undefined ? undefined : () => readAuthorities(caFile);
  const own =
    clientCertFile === undefined || clientKeyFile === undefined
      ? undefined
      : () => readCertificate(clientCertFile, clientKeyFile);
  roots?.();
  own?.();
  if (tokenFile !== undefined) tokenOf(tokenFile, read("tokenFile", tokenFile));
  return {
    ...(roots === undefined ? {} : { rootCertificates: roots }),
    ...(own === undefined ? {} : { clientCertificate: own }),
    ...(tokenFile === undefined ? {} : { token: () => readToken(tokenFile) }),
  };
}

function readAuthorities(file: string): string {
  const text = read("caFile", file);
  checkCertificate("caFile", file, text);
  try {
    createSecureContext({ ca: text });
  } catch (cause) {
    throw new ServiceFileError("caFile", `${file} holds certificates that cannot be read`, { cause });
  }
  return text;
}

function readCertificate(certFile: string, keyFile: string): ClientCertificate {
  const certificate = read("clientCertFile", certFile);
  const own = checkCertificate("clientCertFile", certFile, certificate);
  const key = read("clientKeyFile", keyFile);
  if (/^(-----BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED)/m.test(key)) {
    throw new ServiceFileError("clientKeyFile", `${keyFile} is encrypted; openssl pkey -in FILE -out FILE decrypts it`);
  }
  let fits: boolean;
  try {
    fits = own.checkPrivateKey(createPrivateKey(key));
  } catch (cause) {
    throw new ServiceFileError("clientKeyFile", `${keyFile} holds no private key in PEM form`, { cause });
  }
  if (!fits) throw new ServiceFileError("clientKeyFile", `${keyFile} does not fit the certificate in ${certFile}`);
  return { certificate, key };
}

/** Returns the first certificate. */
function checkCertificate(of: keyof ServiceFiles, file: string, text: string): X509Certificate {
  if (!text.includes("-----BEGIN CERTIFICATE-----")) {
    throw new ServiceFileError(of, `${file} holds no certificate in PEM form`);
  }
  try {
    return new X509Certificate(text);
  } catch (cause) {
    throw new ServiceFileError(of, `${file} holds a certificate that cannot be read`, { cause });
  }
}

async function readToken(file: string): Promise<string> {
  try {
    return tokenOf(file, await readFile(file, "utf8"));
  } catch (error) {
    throw asFileError("tokenFile", file, error);
  }
}

/** The message must not tell the token. */
function tokenOf(file: string, text: string): string {
  const token = text.trim();
  if (token === "") throw new ServiceFileError("tokenFile", `${file} is empty`);
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new ServiceFileError("tokenFile", `${file} holds more than one token: white space, or other than ASCII`);
}

function read(of: keyof ServiceFiles, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw asFileError(of, file, error);
  }
}

function asFileError(of: keyof ServiceFiles, file: string, error: unknown): ServiceFileError {
  if (error instanceof ServiceFileError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const known: Readonly<Record<string, string>> = {
    ENOENT: "does not exist",
    EISDIR: "is a folder",
    EACCES: "may not be read by this user",
  };
  return new ServiceFileError(of, `${file} ${known[code ?? ""] ?? `cannot be read (${code ?? message})`}`, {
    cause: error,
  });
}
