import { type CallCredentials, credentials, Metadata, status } from "@grpc/grpc-js";
import type { IdTokenClient } from "google-auth-library";
import { credentialsHint } from "./access-error.ts";

/**
 * Adds a Google-signed ID token for the audience to every call, in this header, from Application Default Credentials or the metadata
 * server. Fetches it at the first call and again before it expires. Without credentials calls fail with UNAUTHENTICATED.
 *
 * Replaces grpc-js' `createFromGoogleCredential`, which sends no header with current versions of google-auth-library
 * (grpc/grpc-node#2993).
 */
export function idTokenCredentials(
  audience: string,
  header: "authorization" | "x-serverless-authorization",
): CallCredentials {
  let opening: Promise<IdTokenClient> | undefined;
  const authorization = async () => {
    opening ??= openTokens(audience);
    const headers = await (await opening).getRequestHeaders();
    const metadata = new Metadata();
    metadata.set(header, headers.get("authorization") ?? "");
    return metadata;
  };
  return credentials.createFromMetadataGenerator((_, answer) => {
    authorization().then(
      (metadata) => answer(null, metadata),
      (error: Error) => {
        opening = undefined;
        answer(missingToken(audience, error));
      },
    );
  });
}

async function openTokens(audience: string): Promise<IdTokenClient> {
  // Loaded at the first call, because clients of an open service do not need it.
  const { GoogleAuth } = await import("google-auth-library");
  return new GoogleAuth().getIdTokenClient(audience);
}

/** Makes an error in the form from which grpc-js takes the status. */
function missingToken(audience: string, { message }: Error): Error {
  const text = `could not get an ID token for ${audience} (${message}). ${credentialsHint}`;
  return Object.assign(new Error(text), { code: status.UNAUTHENTICATED });
}
