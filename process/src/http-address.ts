import { isIPv6 } from "node:net";

/** Removes the brackets of an IPv6 address, which a setting may have. */
export function hostOf(value: string): string {
  const bracketed = /^\[(.+)\]$/.exec(value)?.[1];
  return bracketed !== undefined && isIPv6(bracketed) ? bracketed : value;
}

/** Formats the URL of an HTTP server. */
export function httpUrl(host: string, port: number): string {
  return `http://${hostText(host)}:${port}`;
}

/** Says in one sentence why a server cannot listen, and the setting of its port. */
export function cannotListen(
  error: NodeJS.ErrnoException,
  { host, port, portName }: { readonly host: string; readonly port: number; readonly portName: string },
): Error {
  const reason = error.code === "EADDRINUSE" ? ": another program listens there" : ` (${error.message})`;
  return new Error(
    `cannot listen on ${hostText(host)}:${port}${reason}; stop what uses the port, or set ${portName} or HOST`,
  );
}

function hostText(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
