import { isLoopback } from "@activity-events/process/is-loopback";

interface KnownHostOptions {
  /** Address that the page listens on. */
  readonly host: string;
  readonly allowedOrigins: readonly string[];
}

/**
 * Tells whether a request's Host header names this page. Behind loopback there is no other check of who asks, so a site that lets its
 * own name point to this machine (DNS rebinding) would read everything.
 */
export function isKnownHost(header: string | undefined, { host, allowedOrigins }: KnownHostOptions): boolean {
  if (!isLoopback(host)) return true;
  if (header === undefined || !URL.canParse(`http://${header}`)) return false;
  const { hostname } = new URL(`http://${header}`);
  return isLoopback(hostname) || allowedOrigins.some((origin) => new URL(origin).host === header);
}

/** Tells whether a browser may open a socket here: only from the page itself, or an allowed origin. What is no browser sends none. */
export function isKnownOrigin(
  origin: string | undefined,
  header: string | undefined,
  { allowedOrigins }: KnownHostOptions,
): boolean {
  if (origin === undefined || allowedOrigins.includes(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === header;
}
