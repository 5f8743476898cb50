/** Returns an address that a link may lead to: http or https with a host. Undefined for everything else. */
export function linkTarget(address: string | undefined): URL | undefined {
  if (address === undefined || !/^https?:[/][/]/i.test(address)) return undefined;
  const url = URL.canParse(address) ? new URL(address) : null;
  // What stands before an @ looks like a host and is none.
  if (url === null || url.username !== "" || url.password !== "") return undefined;
  return url;
}
