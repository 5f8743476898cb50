import { grpc } from "google-gax";
import { BadSignError, ConflictError, StoppedError, UnreachedError } from "./failures.ts";

const { status } = grpc;

/** What an error of Google's client means for a roll-out; `name` is the resource that was asked for. */
export function failureOf(name: string, cause: unknown): Error {
  const { code, message: said } = cause as { readonly code?: number; readonly message: string };
  const message = withoutRetries(said);
  switch (code) {
    case status.ABORTED:
      return new ConflictError(message, { cause });
    case status.NOT_FOUND:
      return new StoppedError(`Cloud Run knows no ${name}.`, { cause });
    case status.PERMISSION_DENIED: {
      const roles = `roles/run.developer on ${name}, or roles/iam.serviceAccountUser on the account that it runs as`;
      return new StoppedError(`A role is missing: ${roles} (${message}).`, { cause });
    }
    case status.INVALID_ARGUMENT:
    case status.FAILED_PRECONDITION:
    case status.OUT_OF_RANGE:
    case status.UNIMPLEMENTED:
      return new BadSignError(`Cloud Run refuses it (${message}).`, { cause });
  }
  if (code === status.UNAUTHENTICATED || (code === undefined && /credentials/.test(message))) {
    return new StoppedError(`Nobody is logged in: gcloud auth application-default login (${message}).`, { cause });
  }
  return new UnreachedError(`Cloud Run did not answer (${message}).`, { cause });
}

/** Without what google-gax puts around an error that it has met again and again. */
function withoutRetries(message: string): string {
  return message
    .replace(/^Total timeout of API .*? retrying error (Error: )?/s, "")
    .replace(/(\s*Resolution note:)?\s*before any response was received[.].*$/s, "");
}
