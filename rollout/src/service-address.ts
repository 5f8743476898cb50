import type { ServiceAddress } from "@activity-events/client";

/** Time that one call to the service may take, in ms. */
export const callTimeMs = 10_000;

/** The way to a URI of Cloud Run: over TLS with an ID token for the audience; in plain text if the URI says `http:`. */
export function addressOf(uri: string, audience = uri): ServiceAddress {
  const { protocol, hostname, port } = new URL(uri);
  if (protocol === "http:") return { address: `${hostname}:${port}`, tls: false };
  return { address: `${hostname}:${port || 443}`, tls: true, idTokenAudience: audience };
}
