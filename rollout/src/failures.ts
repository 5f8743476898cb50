/** Somebody else changes the service, or something stands in the way; nothing was changed. */
export class StoppedError extends Error {
  override readonly name = "StoppedError";
}

/** The service was changed by somebody else since it was read. */
export class ConflictError extends Error {
  override readonly name = "ConflictError";
}

/** Cloud Run did not answer, or the connection was lost and the change was not made. */
export class UnreachedError extends Error {
  override readonly name = "UnreachedError";
}

/** A sign that the new revision is worse; all traffic goes back. */
export class BadSignError extends Error {
  override readonly name = "BadSignError";
}

/** Whoever started the roll-out wants it to end; all traffic goes back. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";
}
