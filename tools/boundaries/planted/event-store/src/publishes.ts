// caught by: event-store-knows-no-topic
export const topic = async () => (await import("@google-cloud/pubsub")).PubSub;
