import { randomUUID } from "node:crypto";

/**
 * Returns a unique project id. The emulators separate projects, documents and topics alike, so tests in different projects
 * do not meet. The prefix `demo-` keeps the tools from asking Google for it.
 */
export function randomProjectId(): string {
  return `demo-${randomUUID().slice(0, 18)}`;
}
