import { type CallCredentials, credentials, Metadata, status } from "@grpc/grpc-js";

/** Returns the token of a call; asked anew for each. */
export type TokenSource = () => string | Promise<string>;

/** Adds `authorization: Bearer TOKEN` to a call. A source that fails, or an unfit token, fails the call with UNAUTHENTICATED. */
export function tokenCredentials(source: TokenSource): CallCredentials {
  const authorization = async () => {
    const token = await source();
    // It would break the header; the message must not tell the token.
    if (!/^[\x21-\x7e]+$/.test(token)) throw new Error("the token is empty, or holds white space or other than ASCII");
    const metadata = new Metadata();
    metadata.set("authorization", `Bearer ${token}`);
    return metadata;
  };
  return credentials.createFromMetadataGenerator((_, answer) => {
    authorization().then(
      (metadata) => answer(null, metadata),
      (error: Error) => answer(Object.assign(new Error(error.message), { code: status.UNAUTHENTICATED })),
    );
  });
}
