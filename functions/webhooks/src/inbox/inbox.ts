import { topicEndpoint } from "@activity-events/topic/topic-endpoint";
import type { InboxSettings } from "../config/config.ts";
import type { WebhookRequest } from "../http/webhook-request.ts";
import { limits } from "../limits.ts";
import { inboxMessage } from "./inbox-message.ts";

/** Keeps verified notifications on a topic until they are recorded. */
export interface Inbox {
  /** Resolves once the topic has the notification; rejects if it does not take it in time. */
  keep(request: WebhookRequest): Promise<void>;
}

/** Opens the topic of the settings. */
export function openInbox({ projectId, topic, emulator }: InboxSettings): Inbox {
  const { url, headers } = topicEndpoint({ topic: `projects/${projectId}/topics/${topic}`, emulator });
  return {
    keep: async (request) => {
      const data = inboxMessage(request).toString("base64");
      const response = await fetch(url, {
        method: "POST",
        headers: await headers(),
        body: JSON.stringify({ messages: [{ data, attributes: { route: request.path } }] }),
        signal: AbortSignal.timeout(limits.publishTimeMs),
      });
      const answer = await response.text();
      if (!response.ok) throw new Error(`the topic ${topic} answered ${response.status}: ${answer.slice(0, 300)}`);
    },
  };
}
