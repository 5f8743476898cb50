import { useEffect, useState } from "preact/hooks";
import { usePage } from "../page-context.ts";

/** Returns the service's address, `HOST:PORT`, once the server has told it; it tells it on this machine alone. */
export function useServiceAddress(): string | undefined {
  const { live } = usePage();
  const [address, setAddress] = useState(live.serviceAddress);
  useEffect(() => {
    setAddress(live.serviceAddress);
    return live.onStatus(() => setAddress(live.serviceAddress));
  }, [live]);
  return address;
}
