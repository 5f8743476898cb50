import { useEffect, useState } from "preact/hooks";
import { usePage } from "../page-context.ts";

/** Returns who looks, such as `user:mira@example.com`, once the server has told it; it tells it where it checks identities alone. */
export function usePrincipal(): string | undefined {
  const { live } = usePage();
  const [principal, setPrincipal] = useState(live.principal);
  useEffect(() => {
    setPrincipal(live.principal);
    return live.onStatus(() => setPrincipal(live.principal));
  }, [live]);
  return principal;
}
