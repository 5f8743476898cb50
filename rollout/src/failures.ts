/** Somebody else changes the service, or a requirement is missing. Nothing was changed. */
export class StoppedError extends Error {
  override readonly name = "StoppedError";
}

/** Somebody else changed the service since it was read. */
export class ConflictError extends Error {
  override readonly name = "ConflictError";
}

/** Cloud Run did not answer, or the connection was lost before the change. */
export class UnreachedError extends Error {
  override readonly name = "UnreachedError";
}

/** A failed check of the new revision; all traffic goes back. */
export class BadSignError extends Error {
  override readonly name = "BadSignError";
}

/** The user interrupted the roll-out; all traffic goes back. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";
}
