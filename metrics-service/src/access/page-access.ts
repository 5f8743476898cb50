import type { IncomingHttpHeaders } from "node:http";

/** Who looks at the page, as far as it is known. */
export interface Viewer {
  /** Such as `user:mira@example.com`; undefined where nobody checks identities. */
  readonly principal: string | undefined;
}

/** Tells who sends a request. Throws an AccessDeniedError if it proves no identity. */
export type PageAccess = (headers: IncomingHttpHeaders) => Promise<Viewer>;

/** A request without a valid proof of identity. The message is for the viewer, and tells nothing about tokens. */
export class AccessDeniedError extends Error {
  override readonly name = "AccessDeniedError";
}
