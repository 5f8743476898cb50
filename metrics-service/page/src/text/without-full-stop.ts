/** Returns a message as it can stand within a sentence: programs end theirs with a full stop or without. */
export function withoutFullStop(message: string): string {
  return message.trimEnd().replace(/(?<!\.)\.$/, "");
}
