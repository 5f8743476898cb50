import type { ServiceAddress } from "./open-channel.ts";

/** Parses where the service is: `HOST:PORT` in plain text, or `https://HOST[:PORT]`. Returns undefined if it is neither. */
export function parseServiceAddress(text: string, audience: string | undefined): ServiceAddress | undefined {
  const plainPort = /^[^/\s@]+:(\d{1,5})$/.exec(text)?.[1];
  if (plainPort !== undefined) return Number(plainPort) <= 65_535 ? { address: text, tls: false } : undefined;
  if (!text.startsWith("https://") || !URL.canParse(text)) return undefined;
  const { href, hostname, port, origin } = new URL(text);
  // Nothing else of a URL has a meaning here, least of all a password.
  if (href !== `${origin}/`) return undefined;
  // Cloud Run takes the address of a service as the audience, and demands a token unless everybody may call.
  const cloudRun = hostname.endsWith(".run.app") ? origin : undefined;
  return { address: `${hostname}:${port || 443}`, tls: true, idTokenAudience: audience ?? cloudRun };
}
