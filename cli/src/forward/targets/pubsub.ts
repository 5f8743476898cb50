import { topicEndpoint } from "@activity-events/topic/topic-endpoint";
import { post } from "./post.ts";
import { type Target, TargetError } from "./target.ts";

/** Publishes the mirror's messages, unchanged. The caller tells the events of a deployment one by one. */
export function pubSubTarget(options: Parameters<typeof topicEndpoint>[0]): Target {
  const { url, headers } = topicEndpoint(options);
  return {
    tell: async ({ message: { data, attributes, orderingKey } }, signal) => {
      const messages = [{ data: Buffer.from(data).toString("base64"), attributes, orderingKey }];
      const sent = await headers().catch((cause: Error) => {
        throw new TargetError("passing", `there are no credentials for Pub/Sub: ${cause.message}`, { cause });
      });
      await post({ url, headers: sent, body: JSON.stringify({ messages }), signal });
    },
  };
}
