import { randomUUID } from "node:crypto";

/**
 * A project id that nobody else uses. In the emulators a project is a space of its own, for documents as for topics, so
 * that a test that works in a project of its own meets no other. `demo-` keeps the tools from asking Google for it.
 */
export function randomProjectId(): string {
  return `demo-${randomUUID().slice(0, 18)}`;
}
