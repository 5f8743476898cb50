import { isLoopback } from "./is-loopback.ts";

/** Tells whether keys of this issuer can be trusted: those that come in plain text could be anybody's, unless they do not leave this machine. */
export function isIssuer(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === "https:" || (protocol === "http:" && isLoopback(hostname));
}
