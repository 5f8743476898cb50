/** What a call brings to prove who makes it. */
export interface Credentials {
  /** Each `authorization` header. */
  readonly authorization: readonly string[];
  /** Each `x-serverless-authorization` header. */
  readonly serverlessAuthorization: readonly string[];
  /** The client certificate that TLS has verified. */
  readonly certificate: ClientCertificate | undefined;
}

/** Names of a client certificate, and its end. */
export interface ClientCertificate {
  /** URIs, DNS names and e-mail addresses of its subject's alternative names, in this order, then its common name; at least one. */
  readonly names: readonly string[];
  /** In ms since 1970. */
  readonly expiresMs: number;
}

/** Why a credential proves nothing. */
export type CredentialsFault = "missing" | "invalid" | "expired" | "audience" | "issuer" | "repeated" | "nameless";

/** A call that does not prove who makes it. The message is for the caller, and never holds a part of the credential. */
export class CredentialsError extends Error {
  override readonly name = "CredentialsError";
  readonly fault: CredentialsFault;

  constructor(fault: CredentialsFault, message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.fault = fault;
  }
}

/** The issuer's keys cannot be read now, so that nothing can be said of its tokens. */
export class KeysAwayError extends Error {
  override readonly name = "KeysAwayError";
}
