/** A message in the form in which Pub/Sub publishes it. */
export interface TopicMessage {
  readonly data: Uint8Array;
  readonly attributes: Readonly<Record<string, string>>;
  /** Messages of one deployment keep their order. */
  readonly orderingKey: string;
}

/** An upper bound of the bytes that a message takes in a publish request. */
export function messageBytesMax({ data, attributes, orderingKey }: TopicMessage): number {
  const texts = Object.entries(attributes).map(
    ([name, value]) => Buffer.byteLength(name) + Buffer.byteLength(value) + 12,
  );
  return data.length + orderingKey.length + texts.reduce((sum, bytes) => sum + bytes, 24);
}

/** The attributes that are set: an empty one is as good as none, and absent. */
export function setAttributes(attributes: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== ""));
}

/** The value of an attribute that marks a message, or none. */
export function setMark(isMarked: boolean | undefined): string {
  return isMarked ? "true" : "";
}

/** The CloudEvents source of a deployment's events. */
export function sourceOf(deploymentId: string): string {
  return `//activityevents/deployments/${deploymentId}`;
}
