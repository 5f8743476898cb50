import type { Setting } from "./setting.ts";

/** Settings by which the page and the webhooks reach the service. The SDK's `readServiceSettings` reads them. */
export const serviceSettings: readonly Setting[] = [
  {
    name: "ACTIVITY_ADDRESS",
    default: "127.0.0.1:50051",
    description: "the service: HOST:PORT, or https://HOST for TLS",
  },
  {
    name: "ACTIVITY_AUDIENCE",
    default: "the address itself if it is one of Cloud Run",
    description: "audience of the ID tokens for the service",
  },
  {
    name: "ACTIVITY_CA_FILE",
    default: "the authorities that Node trusts",
    description: "PEM file of the authorities of the service; implies TLS",
  },
  {
    name: "ACTIVITY_CLIENT_CERT_FILE",
    default: "none",
    description: "PEM file of the certificate to show the service; implies TLS",
  },
  {
    name: "ACTIVITY_CLIENT_KEY_FILE",
    default: "none",
    description: "PEM file of its key (required with ACTIVITY_CLIENT_CERT_FILE)",
  },
  {
    name: "ACTIVITY_TOKEN_FILE",
    default: "none",
    description: "file of the token for the service, read for each call",
  },
];
