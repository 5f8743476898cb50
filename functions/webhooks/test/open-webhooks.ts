import { createHmac } from "node:crypto";
import { ActivityEventsClient, type Deployment, type Event } from "@activity-events/client";
import { collect } from "@activity-events/testing/collect";
import { startWebhooks } from "@activity-events/testing/http-process";
import { ServiceProcess } from "@activity-events/testing/service-process";

/** Secrets of the webhooks in tests. */
export const secrets = {
  WEBHOOKS_TOKEN: "a-token",
  WEBHOOKS_GITHUB_SECRET: "a-secret",
  WEBHOOKS_GITLAB_TOKEN: "gitlab-token",
} as const;

/** Answer of the webhooks. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what tests look at is JSON of many forms
  readonly body: any;
}

interface Notification {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** Webhooks that record to a service of their own, and a client of that service. */
export interface OpenWebhooks extends AsyncDisposable {
  readonly url: string;
  readonly service: ServiceProcess;
  readonly process: ServiceProcess;
  readonly client: ActivityEventsClient;
  post(path: string, notification: Notification): Promise<Answered>;
  /** Posts JSON with the bearer token. */
  postJson(path: string, body: unknown): Promise<Answered>;
  /** Posts what GitHub sends, with its signature. */
  postGithub(eventName: string, body: unknown): Promise<Answered>;
  events(deploymentId: string): Promise<Event[]>;
  deployments(): Promise<Deployment[]>;
}

interface OpenOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly service?: Readonly<Record<string, string>>;
}

/** Starts a service, in memory unless its settings say otherwise, and the webhooks before it. */
export async function openWebhooks({ environment = {}, ...options }: OpenOptions = {}): Promise<OpenWebhooks> {
  const service = new ServiceProcess({ environment: options.service ?? {} });
  const { address } = await service.line(({ message }) => message === "listening");
  const webhooks = await startWebhooks({ service: String(address), environment: { ...secrets, ...environment } });
  const client = new ActivityEventsClient({ address: String(address), tls: false });
  const post = async (path: string, { headers = {}, body }: Notification): Promise<Answered> => {
    const answer = await fetch(`${webhooks.url}${path}`, { method: "POST", headers, body });
    return { status: answer.status, headers: answer.headers, body: await answer.json() };
  };
  return {
    url: webhooks.url,
    service,
    process: webhooks.process,
    client,
    post,
    postJson: (path, body) => {
      const headers = { "content-type": "application/json", authorization: `Bearer ${secrets.WEBHOOKS_TOKEN}` };
      return post(path, { headers, body: JSON.stringify(body) });
    },
    postGithub: (eventName, body) => {
      const text = typeof body === "string" ? body : JSON.stringify(body);
      return post("/github", { headers: githubHeaders(eventName, text), body: text });
    },
    events: (deploymentId) => collect(client.listEvents({ deploymentId, pageSize: 1_000 })),
    deployments: () => collect(client.listDeployments({ pageSize: 1_000 })),
    [Symbol.asyncDispose]: async () => {
      client.close();
      await webhooks[Symbol.asyncDispose]();
      await service[Symbol.asyncDispose]();
    },
  };
}

/** Headers of a webhook of GitHub with this body. */
export function githubHeaders(eventName: string, body: string | Uint8Array): Record<string, string> {
  const signature = createHmac("sha256", secrets.WEBHOOKS_GITHUB_SECRET).update(body).digest("hex");
  return {
    "content-type": "application/json",
    "x-github-event": eventName,
    "x-hub-signature-256": `sha256=${signature}`,
  };
}
