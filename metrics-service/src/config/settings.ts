import { logLevels } from "@activity-events/process/log-level";
import { serviceSettings } from "@activity-events/process/service-settings";
import type { Setting } from "@activity-events/process/setting";

/** Every setting of the metrics service, by the name of its variable. */
export const settings: readonly Setting[] = [
  { name: "PAGE_PORT", default: "50080, or PORT on Cloud Run", description: "port of the page; 0 picks a free one" },
  { name: "HOST", default: "127.0.0.1", description: "address to listen on; beyond loopback PAGE_ACCESS is required" },
  ...serviceSettings,
  {
    name: "PAGE_ACCESS",
    default: "none; only this machine sees the page",
    description: "who checks identities: iap, oidc, or open (nobody)",
  },
  { name: "IAP_AUDIENCE", default: "none", description: "audience of IAP's signed header (required with iap)" },
  { name: "OIDC_ISSUER", default: "none", description: "issuer of the bearer tokens (required with oidc)" },
  { name: "OIDC_AUDIENCE", default: "none", description: "audience of the bearer tokens (required with oidc)" },
  {
    name: "ACCESS_FILE",
    default: "none; viewers see what the page reads",
    description: "YAML file of who may read what: the service's",
  },
  {
    name: "ALLOWED_ORIGINS",
    default: "the page's own",
    description: "further origins of the page, separated by commas",
  },
  { name: "LOG_LEVEL", default: "info", description: logLevels.join(", ") },
  {
    name: "LOG_FORMAT",
    default: "pretty on a terminal, else json",
    description: "pretty, or json (Cloud Logging's form)",
  },
];
