import type { TopicMessage } from "@activity-events/topic/topic-message";
import { MirrorFaultError } from "../src/mirror-fault.ts";
import type { Publisher } from "../src/publisher.ts";

/** Topics in memory: what they accepted, in order. */
export interface MemoryTopics extends Publisher {
  accepted(topic: string): readonly TopicMessage[];
  /** From now on messages for which this is true are refused, and with them the whole request. */
  refuse(isRefused: (message: TopicMessage) => boolean): void;
  /** From now on every publish on the topic fails, or none. */
  setDown(topic: string, isDown: boolean): void;
}

export function openMemoryTopics(): MemoryTopics {
  const topics = new Map<string, TopicMessage[]>();
  const down = new Set<string>();
  let isRefused: (message: TopicMessage) => boolean = () => false;
  return {
    accepted: (topic) => topics.get(topic) ?? [],
    refuse: (predicate) => {
      isRefused = predicate;
    },
    setDown: (topic, isDown) => {
      if (isDown) down.add(topic);
      else down.delete(topic);
    },
    publish: async (topic, messages) => {
      if (down.has(topic)) throw new MirrorFaultError("PUBLISH_FAILED", "the topic is down");
      if (messages.some(isRefused)) return { kind: "refused", cause: new Error("INVALID_ARGUMENT") };
      topics.set(topic, [...(topics.get(topic) ?? []), ...messages]);
      return { kind: "accepted" };
    },
    close: async () => {},
  };
}
