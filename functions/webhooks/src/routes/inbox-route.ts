import { pushAccount } from "../access/check-oidc.ts";
import type { Secrets } from "../config/config.ts";
import { type Route, takesJson } from "./route.ts";

/** Path of the inbox' push. */
export const inboxPath = "/inbox";

/** The push of the topic that keeps verified notifications. What it brings is mapped by the notification's own route. */
export function inboxRoute({ oidc }: Secrets): Route {
  return {
    path: inboxPath,
    access: oidc === undefined ? { off: "set WEBHOOKS_OIDC_AUDIENCE to turn it on" } : pushAccount(oidc),
    takes: takesJson,
    map: () => [],
    onConflict: "first",
    isPush: true,
  };
}
