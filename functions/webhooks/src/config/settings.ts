import { logLevels } from "@activity-events/process/log-level";
import { serviceSettings } from "@activity-events/process/service-settings";
import type { Setting } from "@activity-events/process/setting";

/** Every setting of the webhooks, by the name of its variable. */
export const settings: readonly Setting[] = [
  { name: "WEBHOOKS_PORT", default: "50090, or PORT on Cloud Run", description: "port; 0 picks a free one" },
  { name: "HOST", default: "127.0.0.1", description: "address to listen on" },
  ...serviceSettings,
  {
    name: "WEBHOOKS_TOKEN",
    default: "none; on loopback /cloudevents is then open",
    description: "bearer token of /cloudevents, /argocd and /alertmanager",
  },
  { name: "WEBHOOKS_GITHUB_SECRET", default: "none; /github is off", description: "secret of GitHub's webhooks" },
  {
    name: "WEBHOOKS_GITHUB_WORKFLOWS",
    default: "none",
    description: "workflows whose runs are deployments: NAME or NAME=ENVIRONMENT, separated by commas",
  },
  { name: "WEBHOOKS_GITLAB_TOKEN", default: "none; /gitlab is off", description: "secret token of GitLab's webhooks" },
  {
    name: "WEBHOOKS_OIDC_AUDIENCE",
    default: "none; the routes of Google Cloud are off",
    description: "audience of the ID tokens of Pub/Sub's pushes",
  },
  {
    name: "WEBHOOKS_OIDC_ACCOUNTS",
    default: "none",
    description: "accounts that may push, separated by commas (required with an audience)",
  },
  { name: "WEBHOOKS_OIDC_ISSUER", default: "https://accounts.google.com", description: "issuer of these ID tokens" },
  {
    name: "WEBHOOKS_INBOX_TOPIC",
    default: "none; events are stored before the answer",
    description: "topic that takes verified notifications; its push comes to /inbox",
  },
  {
    name: "GOOGLE_CLOUD_PROJECT",
    default: "none",
    description: "project of the topic (required with WEBHOOKS_INBOX_TOPIC)",
  },
  { name: "LOG_LEVEL", default: "info", description: logLevels.join(", ") },
  {
    name: "LOG_FORMAT",
    default: "pretty on a terminal, else json",
    description: "pretty, or json (Cloud Logging's form)",
  },
];
