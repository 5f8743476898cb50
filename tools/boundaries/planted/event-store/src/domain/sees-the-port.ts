// caught by: domain-imports-only-itself
import type { EventStore } from "../event-store.ts";

export type Stored = EventStore;
