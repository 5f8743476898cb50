import { usePrincipal } from "../live/use-principal.ts";
import { EventText } from "../text/event-text.tsx";
import { visibleText } from "../text/visible-text.ts";

/** Says who looks, where identities are checked: what the page shows depends on it. */
export function SignedIn() {
  const principal = usePrincipal();
  if (principal === undefined) return null;
  return (
    <p class="signed-in" title={visibleText(principal)}>
      Signed in as <EventText text={principal.replace(/^user:/, "")} />
    </p>
  );
}
