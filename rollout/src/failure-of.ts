import { grpc } from "google-gax";
import { BadSignError, ConflictError, StoppedError, UnreachedError } from "./failures.ts";

const { status } = grpc;

/** Converts an error of Google's client; `name` is the requested resource. */
export function failureOf(name: string, cause: unknown): Error {
  const { code, message: said } = cause as { readonly code?: number; readonly message: string };
  const message = withoutRetries(said);
  switch (code) {
    case status.ABORTED:
      return new ConflictError(message, { cause });
    case status.NOT_FOUND:
      return new StoppedError(`Cloud Run has no ${name}.`, { cause });
    case status.PERMISSION_DENIED: {
      const roles = `roles/run.developer on ${name}, or roles/iam.serviceAccountUser on its service account`;
      return new StoppedError(`Missing role: ${roles} (${message}).`, { cause });
    }
    case status.INVALID_ARGUMENT:
    case status.FAILED_PRECONDITION:
    case status.OUT_OF_RANGE:
    case status.UNIMPLEMENTED:
      return new BadSignError(`Cloud Run refused the change (${message}).`, { cause });
  }
  if (code === status.UNAUTHENTICATED || (code === undefined && /credentials/.test(message))) {
    return new StoppedError(`Not logged in. Run: gcloud auth application-default login (${message}).`, { cause });
  }
  return new UnreachedError(`Cloud Run did not answer (${message}).`, { cause });
}

/** Removes the text that google-gax adds around an error after retries. */
function withoutRetries(message: string): string {
  return message
    .replace(/^Total timeout of API .*? retrying error (Error: )?/s, "")
    .replace(/(\s*Resolution note:)?\s*before any response was received[.].*$/s, "");
}
