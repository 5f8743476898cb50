/** Invalid arguments or input. Nothing was sent. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
