import { isLoopback } from "@activity-events/process/is-loopback";
import type { SenderAccess } from "./sender-access.ts";

/**
 * Lets in what runs on this machine, but no web page: a browser says where a page is from, and a site that lets its name point to this
 * machine (DNS rebinding) is known by that name.
 */
export const anyoneOnThisMachine: SenderAccess = ({ headers }) => {
  if (headers.origin !== undefined || headers.host === undefined) return false;
  const url = `http://${headers.host}`;
  return URL.canParse(url) && isLoopback(new URL(url).hostname);
};
