import {
  type Mapping,
  mapAlertmanager,
  mapArgocdNotification,
  mapCloudBuild,
  mapCloudDeploy,
  mapCloudMonitoring,
  mapGitlabWebhook,
  type PayloadValue,
  parsePayload,
} from "@activity-events/mappings";
import { isLoopback } from "@activity-events/process/is-loopback";
import { pushAccount } from "../access/check-oidc.ts";
import { anyoneOnThisMachine } from "../access/check-open.ts";
import { githubSignature } from "../access/check-signature.ts";
import { bearerToken, headerToken } from "../access/check-token.ts";
import type { SenderAccess } from "../access/sender-access.ts";
import type { Config, Secrets } from "../config/config.ts";
import { cloudEventsRoute } from "./cloud-events-route.ts";
import { githubRoute } from "./github-route.ts";
import { type Route, takesJson } from "./route.ts";

/** Makes all routes; those without their secret are off. */
export function routesOf({
  secrets,
  host,
  workflows,
}: Pick<Config, "secrets" | "host" | "workflows">): readonly Route[] {
  const { token, githubSecret, gitlabToken, oidc } = secrets;
  const tokenAccess = token === undefined ? off("WEBHOOKS_TOKEN") : bearerToken(token);
  const pushAccess = oidc === undefined ? off("WEBHOOKS_OIDC_AUDIENCE and WEBHOOKS_OIDC_ACCOUNTS") : pushAccount(oidc);
  const gitlabAccess =
    gitlabToken === undefined ? off("WEBHOOKS_GITLAB_TOKEN") : headerToken("x-gitlab-token", gitlabToken);
  const github = githubSecret === undefined ? off("WEBHOOKS_GITHUB_SECRET") : githubSignature(githubSecret);
  return [
    cloudEventsRoute(cloudEventsAccess(secrets, host)),
    githubRoute(github, workflows),
    jsonRoute({ path: "/gitlab", access: gitlabAccess, map: mapGitlabWebhook, onConflict: "first", isPush: false }),
    jsonRoute({ path: "/argocd", access: tokenAccess, map: mapArgocdNotification, onConflict: "first", isPush: false }),
    jsonRoute({ path: "/alertmanager", access: tokenAccess, map: mapAlertmanager, onConflict: "first", isPush: false }),
    jsonRoute({ path: "/cloud-build", access: pushAccess, map: mapCloudBuild, onConflict: "first", isPush: true }),
    jsonRoute({ path: "/cloud-deploy", access: pushAccess, map: mapCloudDeploy, onConflict: "first", isPush: true }),
    jsonRoute({
      path: "/cloud-monitoring",
      access: pushAccess,
      map: mapCloudMonitoring,
      onConflict: "first",
      isPush: true,
    }),
  ];
}

/** The token or a push account; without either, on loopback, anyone on this machine. */
function cloudEventsAccess({ token, oidc }: Secrets, host: string): Route["access"] {
  const byToken = token === undefined ? undefined : bearerToken(token);
  const byAccount = oidc === undefined ? undefined : pushAccount(oidc);
  if (byToken !== undefined && byAccount !== undefined) {
    return async (request) => (await byToken(request)) || byAccount(request);
  }
  return byToken ?? byAccount ?? (isLoopback(host) ? anyoneOnThisMachine : off("WEBHOOKS_TOKEN"));
}

interface JsonRoute extends Pick<Route, "path" | "access" | "onConflict" | "isPush"> {
  readonly map: (body: PayloadValue) => Mapping;
}

function jsonRoute({ map, ...route }: JsonRoute): Route {
  return { ...route, takes: takesJson, map: ({ body }) => [map(parsePayload(body))] };
}

function off(settings: string): { readonly off: string } {
  return { off: `set ${settings} to turn it on` };
}

/** Tells whether a route is on. */
export function isOn(route: Route): route is Route & { readonly access: SenderAccess } {
  return typeof route.access === "function";
}
