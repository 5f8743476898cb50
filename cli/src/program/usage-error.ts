/** The call, or the input that came with it, is not what the command takes; nothing of it was sent. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
