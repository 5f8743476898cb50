import { CredentialsError } from "./credentials.ts";

/** Returns the bearer token of the header; undefined without one. Throws a CredentialsError for anything else. */
export function bearerIn(headers: readonly string[]): string | undefined {
  const [header, ...others] = headers;
  if (others.length > 0) throw new CredentialsError("repeated", "the call brings its token twice; send one");
  if (header === undefined) return undefined;
  const token = /^Bearer +([^\s,]+) *$/i.exec(header)?.[1];
  if (token === undefined) throw new CredentialsError("invalid", "the authorization must be Bearer and one token");
  return token;
}
